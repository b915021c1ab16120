"""Reads a service's tasks: all of them, or, between two releases of a large service, what can have changed.

``/tasks`` sends whole tasks, a kilobyte or more each, and there is no stream of them. But tasks keep the
labels that their service had when they were made, and each release writes a label of its own (``spec.MARK``).
So those born since are found, whoever started them: the batch, what crashed and came back, what an election
released. What else can change are the tasks beside them in their slots, and the target's tasks that end and
do not come back. Before each release, and now and then, everything is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rollout.model import Task, TaskState
from rollout.ports import Swarm

LARGE = 200
"""Tasks, past ones included, from which on it is worth it."""
EVERYTHING_EVERY = 30.0
"""Seconds after which everything is read again in any case."""


@dataclass
class Lookout:
    """What is known of one service's tasks, newest first; ``cost`` is how many the last look has read.

    ``mark`` is that of the last release, which a deployment that is resumed finds on the service; without one
    everything is read at each look.
    """

    swarm: Swarm
    service_id: str
    known: tuple[Task, ...] = ()
    read_at: float = 0.0
    mark: str = ""
    cost: int = 0

    def everything(self, now: float) -> tuple[Task, ...]:
        """All tasks."""
        self.known = self.swarm.tasks(self.service_id)
        self.read_at, self.cost = now, len(self.known)
        return self.known

    def look(self, now: float) -> tuple[Task, ...]:
        """All tasks, those that cannot have changed as they were."""
        if not self.mark or len(self.known) < LARGE or now - self.read_at >= EVERYTHING_EVERY:
            return self.everything(now)
        born = self.swarm.released_tasks(self.service_id, self.mark)
        beside = self._beside(born)
        seen = self.swarm.tasks_by_id(beside) if beside else ()
        ended = self.swarm.ended_tasks(self.service_id)
        self.cost = len(born) + len(seen) + len(ended)
        gone = frozenset(beside) - {task.id for task in seen}
        self.known = merged(self.known, (*born, *_as_known(seen, self.known), *ended), gone)
        return self.known

    def released(self, mark: str, *, same_work: bool) -> None:
        """A release was written; tasks of other work than its own are to be replaced now."""
        self.mark = mark
        if not same_work:
            self.known = tuple(replace(task, up_to_date=False) for task in self.known)

    def forget(self) -> None:
        """Something else than a release is about to be written."""
        self.mark = ""

    def _beside(self, born: tuple[Task, ...]) -> tuple[str, ...]:
        """The IDs of those that hold a slot together with one that was born since."""
        slots, ids = {task.slot for task in born}, {task.id for task in born}
        return tuple(
            task.id for task in self.known if task.slot in slots and task.id not in ids and not _is_over(task)
        )


def _is_over(task: Task) -> bool:
    """Whether nothing will become of it: a task that has died is wanted until it is noticed."""
    return task.state > TaskState.RUNNING and not task.wanted


def merged(known: tuple[Task, ...], fresh: Iterable[Task], gone: frozenset[str]) -> tuple[Task, ...]:
    """What was known, with what has been seen since; new ones come first."""
    found = {task.id: task for task in fresh}
    kept = [found.pop(task.id, task) for task in known if task.id not in gone]
    return (*found.values(), *kept)


def _as_known(seen: Iterable[Task], known: Iterable[Task]) -> tuple[Task, ...]:
    """Whether a task is up to date does not change without a write."""
    fresh = {task.id for task in known if task.up_to_date}
    return tuple(replace(task, up_to_date=task.id in fresh) for task in seen)
