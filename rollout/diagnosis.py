"""From a judgement to a cause that helps at night: whose fault it is, which task, where, its last words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from rollout import causes, spec
from rollout.causes import Surroundings
from rollout.errors import RolloutError
from rollout.model import Availability, Cause, CauseKind, Judgement, Plan, Task
from rollout.ports import Swarm, World
from rollout.watching import Watch

LOG_LINES = 10
ANSWER_SECONDS = 3.0
"""For a node to answer; the port itself gives up after about half of that."""


@dataclass
class Diagnosis:
    """Asks around before the release is blamed."""

    world: World
    plan: Plan
    watch: Watch

    def of(self, judgement: Judgement) -> Cause:
        """The cause behind a failed gate; a task is looked at with its node and the registry."""
        task = judgement.task
        if task is None:
            return self._of_all(judgement)
        around = self._surroundings(task)
        kind = causes.classify(task, around)
        late = judgement.cause == CauseKind.NOT_STARTED
        sentence = judgement.evidence if late else causes.describe(kind, task, around)
        return Cause(
            kind,
            sentence,
            task_id=task.id,
            slot=task.slot,
            node=self.watch.node_name(task),
            error=task.error or task.message,
            log=() if kind == CauseKind.NODE_LOST else _last_words(self.world.swarm, task),
        )

    def _of_all(self, judgement: Judgement) -> Cause:
        """The cause behind a gate that judges no single task, with the words of the newest one."""
        kind, task = judgement.cause or CauseKind.GATE, self._newest()
        if task is None:
            return Cause(kind, judgement.evidence)
        return Cause(
            kind,
            judgement.evidence,
            task_id=task.id,
            slot=task.slot,
            node=self.watch.node_name(task),
            log=_last_words(self.world.swarm, task),
        )

    def of_the_way(self, judgement: Judgement) -> Cause:
        """The cause behind wrong answers that a lost node would explain as well as a bad release."""
        running = self._running()
        lost = self._silent(running)
        if not lost:
            return self.of(judgement)
        names = ", ".join(sorted(self.watch.node_name(task) for task in running if task.node_id in lost))
        return Cause(CauseKind.NODE_LOST, f"{judgement.evidence}; {names} does not answer", node=names)

    def _surroundings(self, task: Task) -> Surroundings:
        self.watch.look_at_nodes()
        silent = self._silent([task]) if task.died else frozenset()
        return Surroundings(
            lost=self.watch.lost_with(task) | silent,
            others_died=self.watch.shaken(),
            registry=self._availability(task),
            memory_limit=spec.memory_limit(self.plan.target),
        )

    def _availability(self, task: Task) -> Availability:
        if not causes.asks_registry(task):
            return Availability.UNASKED
        return self.world.registry.availability(self.plan.new_image)

    def _running(self) -> list[Task]:
        """One task a node: its log is the way to ask the node."""
        slots = self.watch.last.slots if self.watch.last else ()
        running = {task.node_id: task for slot in slots for task in slot.tasks if task.running}
        return list(running.values())

    def _newest(self) -> Task | None:
        """The task of the target that runs since last."""
        slots = self.watch.last.slots if self.watch.last else ()
        new = [task for slot in slots for task in slot.wanted if task.running and task.up_to_date]
        return max(new, key=lambda task: task.since, default=None)

    def _silent(self, tasks: Iterable[Task]) -> frozenset[str]:
        """The IDs of these tasks' nodes that do not answer, all asked at the same time."""
        asked = [(task.node_id, self.world.background.begin(partial(self._answers, task))) for task in tasks]
        limit = self.world.clock.now() + ANSWER_SECONDS
        while any(pending.result() is None for _, pending in asked) and self.world.clock.now() < limit:
            self.world.clock.sleep(0.02)
        return frozenset(node for node, pending in asked if not pending.result())

    def _answers(self, task: Task) -> bool:
        """An engine that cannot be asked says nothing against the node."""
        try:
            return self.world.swarm.node_answers(task)
        except RolloutError:
            return True


def _last_words(swarm: Swarm, task: Task) -> tuple[str, ...]:
    try:
        return swarm.logs(task.id, LOG_LINES)
    except RolloutError:
        return ()
