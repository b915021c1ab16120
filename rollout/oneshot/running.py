"""Runs one-shot tasks of a deployment to their end, and tells what they said."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from rollout.errors import RolloutError
from rollout.events import Note, OneShotEnded, OneShotStarted
from rollout.logins import Logins
from rollout.model import Cause, Image, Judgement, OneShot, Plan, Service, Task, TaskState, Verdict
from rollout.oneshot import derive, judging, names
from rollout.oneshot.derive import Side
from rollout.oneshot.names import Purpose
from rollout.oneshot.side import Sideline
from rollout.ports import World
from rollout.secrets import without_secrets
from rollout.watching import Watch

POLL = 0.3
"""Seconds between two looks at a task."""
LOG_LINES = 20
LATE_LOG = 2.0
"""Seconds that are given to the log of a failed task: its last lines may come after its end."""

Judge = Callable[[tuple[Task, ...]], Judgement]


@dataclass(frozen=True)
class OneShots:
    """Makes side services for one deployment and waits for their tasks. Raises MustHold as the watch does."""

    world: World
    plan: Plan
    watch: Watch
    logins: Logins

    @property
    def credentials(self) -> str | None:
        """The login for the new image, as a header."""
        return self.logins.header(self.plan.new_image)

    @property
    def sideline(self) -> Sideline:
        """Where they stand."""
        return Sideline(self.world.swarm, self._warn)

    @contextmanager
    def preview(self) -> Iterator[Service]:
        """A preview of the release for the time of a block, as large as planned; it is not waited for."""
        replicas = max(1, self.plan.preview)
        wanted = derive.preview(self.plan.target, self.side(names.PREVIEW), replicas)
        with self.sideline.with_service(wanted, self.credentials) as made:
            yield made

    def run(self, shot: OneShot, purpose: Purpose, environment: Mapping[str, str]) -> Cause | None:
        """Run a command to its end; the cause if it failed, also when it could not be run at all."""
        begun = self.watch.elapsed()
        self.watch.tell(OneShotStarted(begun, purpose.title, _words(shot)))
        cause, log = self._result(shot, purpose, environment)
        took = self.watch.elapsed() - begun
        self.watch.tell(
            OneShotEnded(self.watch.elapsed(), purpose.title, took, cause.sentence if cause else "", log)
        )
        return cause

    def wait(self, service: Service, judge: Judge, limit: float) -> Judgement:
        """Look at a side service's tasks until they are judged, at most for ``limit`` seconds."""
        begun = self.world.clock.now()
        while True:
            self.watch.keep()
            tasks = self.world.swarm.tasks(service.id)
            judgement = judge(tasks)
            if judgement.verdict != Verdict.INCONCLUSIVE:
                return judgement
            if self.world.clock.now() - begun > limit:
                return judging.judge_late(tasks, limit)
            self.world.clock.sleep(POLL)

    def cause_of(self, judgement: Judgement, purpose: Purpose, subject: str) -> Cause:
        """The cause behind a failure: task, node, error, last lines."""
        sentence, task = f"{subject} failed: {judgement.evidence}", judgement.task
        if task is None:
            return Cause(purpose.failure, sentence)
        node = self.watch.snapshot.node_name(task)
        return Cause(
            purpose.failure, sentence, task.id, node=node, error=task.error, log=self._last_words(task)
        )

    def _result(
        self, shot: OneShot, purpose: Purpose, environment: Mapping[str, str]
    ) -> tuple[Cause | None, tuple[str, ...]]:
        """The cause, if it failed, and what it said."""
        subject = f"the {purpose.title} `{_words(shot)}`"
        try:
            with self._task(shot, purpose, environment) as made:
                judgement = self.wait(made, judging.judge_commands, shot.timeout)
                if judgement.verdict == Verdict.PASS:
                    return None, self._log(judgement.task)
                cause = self.cause_of(judgement, purpose, subject)
        except RolloutError as error:
            return Cause(purpose.failure, f"{subject} could not be run: {error.message}"), ()
        return cause, cause.log

    @contextmanager
    def _task(self, shot: OneShot, purpose: Purpose, environment: Mapping[str, str]) -> Iterator[Service]:
        side = self.side(purpose, environment)
        image = self.world.registry.resolve(Image.parse(shot.image)) if shot.image else None
        credentials = self._login(image) if image else self.credentials
        wanted = derive.command(self.plan.target, side, shot.command, image)
        with self.sideline.with_service(wanted, credentials) as made:
            yield made

    def _login(self, image: Image) -> str | None:
        login = self.world.registry.login(image)
        return login.header if login else None

    def side(self, purpose: Purpose, environment: Mapping[str, str] | None = None) -> Side:
        """What a side service of this deployment has of its own."""
        service = self.plan.service
        told = {
            "ROLLOUT_PURPOSE": purpose.word,
            "ROLLOUT_SERVICE": service.name,
            "ROLLOUT_IMAGE": str(self.plan.new_image),
            "ROLLOUT_OLD_IMAGE": str(self.plan.old_image),
        }
        name = names.new_name(purpose, service.name)
        return Side(name, names.labels(purpose, service), {**told, **(environment or {})})

    def _last_words(self, task: Task) -> tuple[str, ...]:
        """The log of a task that failed, waited for a little; one that never started has none."""
        limit = self.world.clock.now() + LATE_LOG
        started = TaskState.STARTING <= task.state != TaskState.REJECTED
        while started:
            log = self._log(task)
            if log or self.world.clock.now() > limit:
                return log
            self.world.clock.sleep(POLL)
        return ()

    def _log(self, task: Task | None) -> tuple[str, ...]:
        try:
            return self.world.swarm.logs(task.id, LOG_LINES) if task else ()
        except RolloutError:
            return ()

    def _warn(self, sentence: str) -> None:
        self.watch.tell(Note(self.watch.elapsed(), sentence, warning=True))


def _words(shot: OneShot) -> str:
    """The command as it may be shown."""
    return without_secrets(shlex.join(shot.command))
