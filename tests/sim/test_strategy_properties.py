"""What holds for every strategy, order, fault and moment: two thousand generated deployments each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as some

from rollout import pacing, spec, watching
from rollout.errors import Refused
from rollout.events import HoldStarted, Observed, StepStarted
from rollout.model import Batch, Hold, HttpProbe, Order, Outcome, OutcomeKind, Plan, Rest
from rollout.render.facts import capacity
from rollout.returning import fewest_serving
from rollout.sim import Behaviour, Health, kill
from rollout.sim.faults import Killed
from rollout.snapshot import slots_of
from rollout.state.halt import Halts
from rollout.state.promotion import Promotions
from tests.sim.conftest import STRATEGIES, Stage

CASES = 2000
NETWORK = {"TaskTemplate": {"Networks": [{"Target": "net"}]}}
HASTE = {
    "min_ready": 0.5,
    "bake": 0.5,
    "start_timeout": 12.0,
    "gate_timeout": 5.0,
    "progress_timeout": 8.0,
    "rollback_timeout": 30.0,
    "deadline": 120.0,
    "impact_rate": 0.0,
    "prepull": False,
}
PROBES = (HttpProbe("http://site/"),)
PATIENT = {"start_timeout": 40.0, "progress_timeout": 45.0}
"""Longer than Swarm takes to notice that a node is gone."""
BAD = {
    "crashes at once": Behaviour(crash_after=0.3),
    "crashes later": Behaviour(crash_after=3.0),
    "never healthy": Behaviour(health=Health.SILENT),
    "unhealthy": Behaviour(health=Health.BAD),
    "sick later": Behaviour(sick_after=4.0),
    "answers 500": Behaviour(status=500),
    "cannot start": Behaviour(cannot_start="no such command"),
}

profile = settings(
    max_examples=CASES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

batches = some.builds(Batch, some.integers(1, 3)) | some.builds(
    Batch, some.integers(1, 100), percent=some.just(True)
)
cares = some.fixed_dictionaries(
    {
        "strategy": some.sampled_from(sorted(STRATEGIES)),
        "batch": batches,
        "stages": some.lists(batches, min_size=1, max_size=3).map(tuple),
        "pause": some.sampled_from([Hold(0.0), Hold(2.0), Hold()]),
        "rest": some.sampled_from(Rest),
        "order": some.sampled_from(Order),
        "probes": some.sampled_from([(), PROBES]),
    }
).filter(lambda care: care["strategy"] != "blue_green" or care["order"] == Order.START_FIRST)
replicas = some.integers(1, 6)
seeds = some.integers(0, 9)
moments = some.floats(0.0, 25.0)
LONGEST = 400.0
"""Virtual seconds in which every run has come to an end: deadline, pauses, and the way back."""


@pytest.fixture(autouse=True)
def looks_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL", 0.5)


class Promoted(Stage):
    """A stage on which somebody promotes now and then."""

    def __init__(self, replicas: int | None, release: Behaviour | None = None, seed: int = 7) -> None:
        super().__init__(seed)
        self.swarm.images["app:2"] = release or Behaviour()
        self.service = self.serve(replicas, **NETWORK)
        self.before = self.service.spec
        self._promote()

    def _promote(self) -> None:
        Promotions(self.swarm.store, self.service.id).give("ann@desk")
        self.swarm.clock.call_later(3.0, self._promote)

    def deploy_until(self, moment: float, care: dict) -> bool:
        """Whether a deployment was killed at the moment, before it was over; its lock is released then."""
        return self._until(moment, lambda: self.deploy(**care))

    def resume_until(self, moment: float, care: dict) -> bool:
        """The same for its resumption."""
        return self._until(moment, lambda: self.resume(**care))

    def _until(self, moment: float, act: Callable[[], object]) -> bool:
        under_way = [True]
        self.swarm.clock.call_later(moment, lambda: kill() if under_way else None)
        try:
            act()
        except Killed:
            for lock in self.swarm.store.find({"rollout.kind": "lock"}):
                self.swarm.store.remove(lock)
            return True
        finally:
            under_way.clear()
        return False

    def begin(self, care: dict) -> Plan:
        plan = self.plan(**HASTE | care)
        self.log.events.clear()
        return plan

    def settle(self) -> None:
        self.swarm.clock.sleep(10.0)

    @property
    def is_half_way(self) -> bool:
        return pacing.release_number(self.now.spec) is not None

    @property
    def is_whole(self) -> bool:
        tasks = [task for task in self.swarm.tasks(self.now.id) if task.wanted]
        wanted = spec.replicas(self.now.spec)
        return all(task.running for task in tasks) and len(slots_of(tuple(tasks))) == (wanted or 3)


class Ruled(Promoted):
    """The same, and everything that is seen is held against the rules."""

    def __init__(self, replicas: int | None, release: Behaviour | None = None, seed: int = 7) -> None:
        super().__init__(replicas, release, seed)
        self.fewest = 99
        self.most_idle = self.most_stopped = 0
        self._look()

    def _look(self) -> None:
        """Four times a second: how many serve, how many do not that were never released, or did not die."""
        slots = slots_of(self.swarm.tasks(self.service.id))
        idle = [slot for slot in slots if not any(task.running for task in slot.tasks)]
        self.fewest = min(self.fewest, len(slots) - len(idle))
        self.most_idle = max(self.most_idle, sum(not slot.touched for slot in idle))
        stopped = [slot for slot in idle if not any(task.died for task in slot.tasks)]
        self.most_stopped = max(self.most_stopped, len(stopped))
        self.swarm.clock.call_later(0.25, self._look)


def befall(stage: Stage, trouble: str) -> None:
    """What is not the release's fault."""
    _HAPPENS[trouble](stage)


def _nothing(_stage: Stage) -> None:
    """Nothing befalls it."""


def _lose_node(stage: Stage) -> None:
    stage.swarm.machines.lose("node-3")
    stage.swarm.clock.call_later(30.0, lambda: stage.swarm.machines.find_again("node-3"))


def _fill_nodes(stage: Stage) -> None:
    for node in ("node-1", "node-2", "node-3"):
        stage.swarm.machines.pause(node)
        stage.swarm.clock.call_later(5.0, partial(stage.swarm.machines.activate, node))


def _crash_an_old_one(stage: Stage) -> None:
    old = [task for task in stage.running() if task.image.tag == "1"]
    if old:
        stage.swarm.crash(old[0].id)


def _lose(stage: Stage, what: str) -> None:
    writes = stage.swarm.faults.all
    act = writes.lose_request if what == "request" else writes.lose_reply
    act(writes.count + 1)


def _edit(stage: Stage, fields: dict) -> None:
    stage.swarm.update(stage.now, {**stage.now.spec, **fields}, None)


def _scale(stage: Stage, replicas: int) -> None:
    _edit(stage, {"Mode": {"Replicated": {"Replicas": replicas}}})


_HAPPENS: dict[str, Callable[[Stage], None]] = {
    "none": _nothing,
    "election": lambda stage: stage.swarm.elect_leader(),
    "lost request": lambda stage: _lose(stage, "request"),
    "lost reply": lambda stage: _lose(stage, "reply"),
    "lost node": _lose_node,
    "no room": _fill_nodes,
    "scaled up": lambda stage: _scale(stage, 7),
    "scaled down": lambda stage: _scale(stage, 2),
    "foreign write": lambda stage: _edit(stage, {"Labels": {"team": "shop"}}),
    "crashed old": _crash_an_old_one,
    "hold": lambda stage: Halts(stage.swarm.store, stage.now.id).ask("bob@desk"),
}
HARMLESS = ["none", "election", "lost request", "lost reply"]
"""None of these takes a replica from the users by itself."""
TROUBLES = some.sampled_from(HARMLESS)
ALL_TROUBLES = some.sampled_from(sorted(_HAPPENS))
GOOD = {"good": Behaviour(), "slow": Behaviour(start_seconds=2.0)}


@profile
@given(replicas, cares, TROUBLES, moments, some.sampled_from(sorted(GOOD)), seeds)
def test_a_good_release_keeps_what_its_plan_has_promised_and_gets_there(
    replicas, care, trouble, moment, release, seed
):
    stage = Ruled(replicas, GOOD[release], seed)
    plan = stage.begin(care)
    stage.swarm.clock.call_later(moment, lambda: befall(stage, trouble))
    outcome = stage.deploy(**HASTE | care)
    stage.settle()
    assert stage.fewest >= capacity(plan)[0] - cost_of(trouble, plan)
    assert outcome.kind == OutcomeKind.DEPLOYED, outcome.cause
    assert outcome.seconds < LONGEST
    assert stage.images_running() == {"app:2"}
    assert stage.is_whole


@profile
@given(replicas | some.none(), cares, some.sampled_from(sorted(BAD)), TROUBLES, moments, seeds)
def test_a_bad_release_reaches_its_batch_only_and_ends_at_the_baseline(
    replicas, care, bad, trouble, moment, seed
):
    assume(replicas is not None or care["strategy"] != "blue_green")
    stage = Ruled(replicas, BAD[bad], seed)
    care = care | {"probes": PROBES, "bake": 6.0}
    plan = stage.begin(care)
    stage.swarm.clock.call_later(moment, lambda: befall(stage, trouble))
    outcome = stage.deploy(**HASTE | care)
    stage.settle()
    assert outcome.kind in {OutcomeKind.ROLLED_BACK, OutcomeKind.REFUSED}, outcome.cause
    assert outcome.seconds < LONGEST
    assert spec.same(stage.now.spec, stage.before)
    assert stage.images_running() == {"app:1"}
    assert stage.is_whole
    assert_never_beyond_its_step(stage, plan, more=max(plan.sizes) if trouble == "election" else 0)
    promised = min(capacity(plan)[0], fewest_serving(plan))
    assert stage.most_stopped <= plan.slots - promised + cost_of(trouble, plan)
    if plan.order == Order.START_FIRST:
        assert stage.most_idle == 0


def cost_of(trouble: str, plan: Plan) -> int:
    """The replicas that a trouble itself may take from the users.

    A new leader finds the new tasks of the batch under way, and removes the old ones beside them at once,
    whether the new ones run or not (updater.go, useExistingTask); and it releases one batch more.
    """
    if trouble != "election":
        return 0
    return plan.at_once if plan.order == Order.START_FIRST else 2 * plan.at_once


def assert_never_beyond_its_step(stage: Stage, plan: Plan, more: int) -> None:
    """At no moment more slots have the target than the step under way may release.

    A new leader begins the update anew, and so releases one batch ``more``: Swarm keeps no count of its own.
    """
    allowed = plan.done
    for event in stage.log.events:
        if isinstance(event, StepStarted):
            allowed = event.upto
        if isinstance(event, Observed):
            mine = [slot for slot in event.slots if any(task.image.tag == "2" for task in slot.wanted)]
            assert len(mine) <= allowed + more


@profile
@given(replicas, cares, some.sampled_from(["good", *sorted(BAD)]), moments, moments, some.booleans(), seeds)
def test_killed_at_any_moments_it_is_finished_or_taken_back(
    replicas, care, release, moment, again, finish, seed
):
    stage = Ruled(replicas, BAD.get(release), seed)
    care = HASTE | care | {"probes": PROBES, "bake": 6.0}
    killed = stage.deploy_until(moment, care)
    if killed and finish and stage.is_half_way:
        killed = stage.resume_until(again, care)
    half_way = killed and stage.is_half_way
    if half_way and not finish:
        assert stage.abort(**care).kind == OutcomeKind.ABORTED
        assert spec.same(stage.now.spec, stage.before)
    elif half_way or (killed and spec.same(stage.now.spec, stage.before)):
        stage.deploy(**care)
    if pacing.rollback_number(stage.now.spec):
        stage.swarm.clock.sleep(60.0)  # Swarm itself goes on with a way back that was cut off
    stage.settle()
    back = release != "good" or (half_way and not finish)
    assert stage.images_running() == ({"app:1"} if back else {"app:2"})
    assert stage.is_whole
    assert release != "good" or stage.fewest == replicas or care["order"] == Order.STOP_FIRST


@profile
@given(replicas, cares, ALL_TROUBLES, moments, some.sampled_from(["resume", "abort"]), seeds)
def test_whatever_befalls_it_every_run_ends_and_can_be_finished_or_taken_back(
    replicas, care, trouble, moment, then, seed
):
    stage = Promoted(replicas, None, seed)
    care = HASTE | care | PATIENT
    stage.swarm.clock.call_later(moment, lambda: befall(stage, trouble))
    began = stage.swarm.clock.now()
    kind = ended_as(lambda: stage.deploy(**care))
    assert stage.swarm.clock.now() - began < LONGEST
    stage.swarm.clock.sleep(60.0)
    if kind == OutcomeKind.HELD and stage.is_half_way and trouble != "foreign write":
        ended = stage.abort(**care) if then == "abort" else stage.resume(**care)
        assert ended.kind in {OutcomeKind.ABORTED, OutcomeKind.DEPLOYED}, ended.cause
        kind = ended.kind
    stage.settle()
    assert stage.is_whole
    if kind in {OutcomeKind.DEPLOYED, OutcomeKind.ABORTED}:
        assert stage.images_running() == {"app:2" if kind == OutcomeKind.DEPLOYED else "app:1"}
    else:
        assert kind in {OutcomeKind.HELD, OutcomeKind.REFUSED}
        assert trouble not in HARMLESS


def ended_as(act: Callable[[], Outcome]) -> OutcomeKind:
    """How it has ended; what is refused at once is refused by an error."""
    try:
        return act().kind
    except Refused:
        return OutcomeKind.REFUSED


def test_the_cases_have_pauses_in_them():
    """Else the properties would say nothing of holds."""
    stage = Ruled(4)
    stage.deploy(**HASTE, strategy="canary", pause=Hold())
    assert stage.log.of(HoldStarted)
