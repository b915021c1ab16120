"""Believable deployments as events, for the tests of the renderers and for looking at them.

A small model of a service: each slot is released at some time and goes through Swarm's states from there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from rollout.events import (
    BakeStarted,
    Event,
    Finished,
    GateJudged,
    GateProgress,
    Measured,
    Observed,
    OneShotEnded,
    OneShotStarted,
    Planned,
    ReleaseFailed,
    RollbackStarted,
    RolledBack,
    StepPassed,
    StepStarted,
    Waiting,
)
from rollout.model import (
    Batch,
    Cause,
    CauseKind,
    Change,
    Finding,
    HttpProbe,
    Image,
    Impact,
    Latency,
    Options,
    Order,
    Outcome,
    OutcomeKind,
    Plan,
    PlanKind,
    Service,
    Slot,
    Step,
    Task,
    TaskState,
    Verdict,
)
from rollout.render.advance import advance
from rollout.render.scene import Scene
from rollout.render.text import Line, text_of

REPOSITORY = "637345297332.dkr.ecr.eu-west-1.amazonaws.com/patch-php-fpm"
OLD = Image(REPOSITORY, "2.6.1", "sha256:1f0c2d7a" + "0" * 56)
NEW = Image(REPOSITORY, "2.7.0", "sha256:5f3a9c01" + "1" * 56)
PROBE = HttpProbe("http://lb.internal/health", expect_status=200)
GATE = f"http {PROBE.url}"
POLL = 0.5
LONG_AGO = "2026-03-02T09:15:00.123456789Z"


def plan(replicas: int = 4, batch: int = 1, **fields: object) -> Plan:
    """A plan that changes the image."""
    uptos = [min(at + batch, replicas) for at in range(0, replicas, batch)]
    made = Plan(
        kind=PlanKind.RELEASE,
        service=Service("svc1", "php", 41, {}),
        baseline={},
        target={},
        old_image=OLD,
        new_image=NEW,
        changes=(
            Change("Labels.com.example.commit", "81f0aa2", "c4d9e17"),
            Change("TaskTemplate.ContainerSpec.Env.APP_ENV", None, "(hidden)"),
            Change("TaskTemplate.ContainerSpec.Image", str(OLD), str(NEW)),
        ),
        order=Order.START_FIRST,
        order_reason="the new replica is running before the old one stops",
        slots=replicas,
        done=0,
        steps=tuple(Step(upto) for upto in uptos),
        options=Options(batch=Batch(batch), probes=(PROBE,), bake=10.0),
        seconds=52.0,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


FINDING = Finding(
    "stop-signal",
    "php is stopped with SIGTERM, which makes php-fpm drop the requests that it is working on",
    "set `stop_signal: SIGQUIT` and `process_control_timeout` in the image",
)


@dataclass
class Stage:
    """The service on stage. ``released`` says when a slot was released; ``crash`` is the slot that dies."""

    replicas: int = 4
    crash: int | None = None
    start: float = 3.0
    released: dict[int, float] = field(default_factory=dict)
    taken_back: float | None = None

    def look(self, at: float) -> Observed:
        """What a poll would see."""
        slots = tuple(Slot(str(number), self._tasks(number, at)) for number in range(1, self.replicas + 1))
        return Observed(at, slots, {task.id: task.node_id for slot in slots for task in slot.tasks})

    def _tasks(self, number: int, at: float) -> tuple[Task, ...]:
        old = self._task(number, "a", OLD, TaskState.RUNNING)
        if number not in self.released:
            return (old,)
        age = at - self.released[number]
        new = replace(self._new(number, age), up_to_date=self.taken_back is None)
        old = replace(old, up_to_date=self.taken_back is not None)
        if self.taken_back is not None:
            return self._back(number, at, new, age)
        if new.died:
            return (self._another(number), new, old)
        return (new, self._old(old, age) if new.state == TaskState.RUNNING else old)

    def _new(self, number: int, age: float) -> Task:
        new = self._task(number, "b", NEW, TaskState.PENDING)
        if number == self.crash and age >= 2.0:
            ended = replace(new, state=TaskState.FAILED, desired=TaskState.SHUTDOWN)
            return replace(ended, error="task: non-zero exit (255)", exit_code=255)
        reached = [state for state, since in self._path() if age >= since]
        return replace(new, state=reached[-1])

    def _another(self, number: int) -> Task:
        """Swarm's next try, which waits for its turn."""
        return replace(self._task(number, "d", NEW, TaskState.READY), desired=TaskState.READY)

    def _path(self) -> tuple[tuple[TaskState, float], ...]:
        return (
            (TaskState.PENDING, 0.0),
            (TaskState.PREPARING, 0.4),
            (TaskState.STARTING, 1.0),
            (TaskState.RUNNING, 1.0 + self.start),
        )

    def _old(self, old: Task, age: float) -> Task:
        stopped = age > 3.0 + self.start
        return replace(old, state=TaskState.SHUTDOWN if stopped else old.state, desired=TaskState.SHUTDOWN)

    def _back(self, number: int, at: float, new: Task, age: float) -> tuple[Task, ...]:
        """The slot while it goes back: an old task that still ran is kept, else there is another one."""
        assert self.taken_back is not None
        since = at - self.taken_back
        new = replace(new, desired=TaskState.SHUTDOWN)
        if new.state != TaskState.RUNNING:
            return (new, self._task(number, "a", OLD, TaskState.RUNNING))
        again = self._task(number, "c", OLD, TaskState.STARTING if since < 2.0 else TaskState.RUNNING)
        gone = replace(new, state=TaskState.SHUTDOWN if since > 3.0 else new.state)
        return (
            again,
            gone,
            replace(self._old(self._task(number, "a", OLD, TaskState.RUNNING), age), up_to_date=False),
        )

    def _task(self, number: int, generation: str, image: Image, state: TaskState) -> Task:
        return Task(
            id=f"{generation}{number:02d}k3v9x2m7q",
            slot=str(number),
            state=state,
            desired=TaskState.RUNNING,
            up_to_date=True,
            image=image,
            node_id=f"n{(number - 1) % 3 + 1}",
            since=LONG_AGO,
        )


def polls(stage: Stage, begin: float, end: float) -> Iterator[Observed]:
    """Polls from ``begin`` until before ``end``."""
    at = begin
    while at < end - 1e-9:
        yield stage.look(round(at, 3))
        at += POLL


def met(at: float, new: int = 0, failed: int = 0) -> Impact:
    """What users have met by then, ``new`` of their requests on the new release."""
    asked = int(at * 5)
    return Impact(
        asked=asked,
        failed=failed,
        first_failed=at - 0.6 if failed else None,
        last_failed=at - 0.2 if failed else None,
        errors=("HTTP 502",) if failed else (),
        before=Latency(4, 0.012, 0.017),
        during=Latency(asked - 4, 0.013, 0.018),
        versions={"2.6.1": asked - new, "2.7.0": new} if new else {"2.6.1": asked},
    )


def _step(stage: Stage, number: int, whole: Plan, at: float) -> Iterator[Event]:
    before, upto = ([0, *(step.upto for step in whole.steps)])[number - 1 : number + 1]
    yield StepStarted(at, number, len(whole.steps), upto - before, upto)
    stage.released.update(dict.fromkeys(range(before + 1, upto + 1), at + 0.1))
    running = at + 1.2 + stage.start
    yield from polls(stage, at + 0.2, running)
    for tick in range(8):
        yield stage.look(round(running + tick * POLL, 3))
        yield GateProgress(running + tick * POLL + 0.1, GATE, 3 * (tick + 1), 0, 24)
    yield Measured(running + 3.6, met(running + 3.6, new=int(number * (running - 4))))


def good(replicas: int = 4, batch: int = 1) -> Iterator[Event]:
    """A release that ends well."""
    whole, stage = plan(replicas, batch), Stage(replicas)
    yield Planned(0.2, replace(whole, findings=(FINDING,)))
    yield from polls(stage, 0.3, 0.8)
    at = 0.9
    for number in range(1, len(whole.steps) + 1):
        for event in _step(stage, number, whole, at):
            at = event.at
            yield event
        yield GateJudged(at + 0.1, GATE, Verdict.PASS, "24 of 24 requests answered")
        yield StepPassed(at + 0.2, number, len(whole.steps), whole.steps[number - 1].upto, replicas)
        at += 0.3
    yield BakeStarted(at, 5.0)
    yield from polls(stage, at + 0.1, at + 5.0)
    after = replace(met(at + 5.0, new=100), after=Latency(25, 0.013, 0.017))
    ended = Outcome(OutcomeKind.DEPLOYED, "php", OLD, NEW, at + 4.2, replicas, replicas, impact=after)
    yield Finished(at + 5.1, ended)


CAUSE = Cause(
    CauseKind.CRASHED,
    "a task of the new release ended by itself (exit code 255)",
    task_id="b02k3v9x2m7q",
    slot="2",
    node="n2",
    error="task: non-zero exit (255)",
    log=(
        "[09-Mar-2026 10:02:11] NOTICE: fpm is running, pid 1",
        "PHP Fatal error:  Uncaught RedisException: Connection refused in /srv/app/session.php:41",
        "Stack trace:",
        "  #0 /srv/app/session.php(41): Redis->connect('redis', 6379)",
        "[09-Mar-2026 10:02:12] ERROR: FPM initialization failed",
    ),
)


def bad(replicas: int = 4) -> Iterator[Event]:
    """A release whose second replica crashes, and that is rolled back."""
    whole, stage = plan(replicas), Stage(replicas, crash=2)
    yield Planned(0.2, whole)
    yield from polls(stage, 0.3, 0.8)
    yield from _step(stage, 1, whole, 0.9)
    yield StepPassed(9.0, 1, replicas, 1, replicas)
    yield StepStarted(9.1, 2, replicas, 1, 2)
    stage.released[2] = 9.2
    yield from polls(stage, 9.3, 12.0)
    yield GateJudged(12.0, "health", Verdict.FAIL, CAUSE.sentence)
    yield Measured(12.0, met(12.0, new=8, failed=2))
    yield ReleaseFailed(12.1, CAUSE)
    yield RollbackStarted(12.2, 2)
    stage.taken_back = 12.3
    yield from polls(stage, 12.4, 15.4)
    yield RolledBack(15.4, 3.2)
    back = Outcome(OutcomeKind.ROLLED_BACK, "php", OLD, NEW, 14.6, 2, replicas, CAUSE, rollback_seconds=3.2)
    yield Finished(15.5, replace(back, impact=met(15.4, new=8, failed=2)))


MIGRATE = "php artisan migrate --force"
SMOKE = "/usr/local/bin/smoke"
NO_ROOM = Cause(
    CauseKind.CAPACITY,
    "no node has room for the next replica: insufficient resources on 3 nodes",
    task_id="b01k3v9x2m7q",
    slot="1",
)


def careful() -> Iterator[Event]:
    """A release with everything: hook, smoke test, many gates, and no room for a while."""
    whole, stage = plan(2), Stage(2, start=30.0)
    tcp, stable, manual = "tcp redis:6379", "stable 30s", "manual"
    yield Planned(0.2, whole)
    yield from polls(stage, 0.3, 0.8)
    yield OneShotStarted(0.9, "before hook", MIGRATE)
    yield OneShotEnded(4.1, "before hook", 3.2, "", ("Migrating: 2026_03_01_orders", "Migrated (41 ms)"))
    yield OneShotStarted(4.2, "smoke test", f"{SMOKE} --all")
    yield OneShotEnded(6.7, "smoke test", 2.5, "", ("9 of 9 pages are right",))
    yield StepStarted(6.8, 1, 2, 1, 1)
    stage.released[1] = 6.9
    yield from polls(stage, 7.0, 8.0)
    yield Waiting(8.0, NO_ROOM, 608.0)
    yield from polls(stage, 8.1, 40.0)
    yield GateProgress(40.2, GATE, 24, 0, 33)
    yield GateProgress(40.3, tcp, 2, 0, 3)
    yield from (GateProgress(40.4, name, 0, 0, 0) for name in (stable, manual, "exec ./check.sh"))
    yield Measured(40.5, met(40.5, new=9))
    yield GateJudged(68.2, stable, Verdict.PASS, "no restart for 30s")


def smoked() -> Iterator[Event]:
    """A release that the smoke test keeps from its users."""
    yield Planned(0.2, plan(2))
    yield from polls(Stage(2), 0.3, 0.8)
    yield OneShotStarted(0.9, "smoke test", SMOKE)
    error = f"the smoke test `{SMOKE}` failed: exit code 1"
    yield OneShotEnded(3.4, "smoke test", 2.5, error, ("GET /health: 200", "GET /cart: 500, expected 200"))


GOLDEN = Path(__file__).parent / "golden"


def agrees_with_golden(name: str, text: str) -> bool:
    """Whether a text is the one on file; with ROLLOUT_GOLDEN=write it is put there instead."""
    path = GOLDEN / name
    if os.environ.get("ROLLOUT_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
    return True


def unstyled(lines: list[Line]) -> str:
    """Lines as a pipe gets them."""
    return "".join(text_of(spans) + "\n" for spans in lines)


def scene_at(events: Iterable[Event], moment: float) -> Scene:
    """What is known at a moment."""
    scene = Scene()
    for event in events:
        if event.at > moment:
            break
        scene = advance(event, scene)
    return scene


class StillClock:
    """A clock that stands where it is put."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def now(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return datetime(2026, 3, 9, 10, 2, tzinfo=UTC)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
