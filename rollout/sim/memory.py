"""The managers' replicated store: whole objects, one version counter, and listeners to every change."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from rollout.model import TaskState
from rollout.sim.node import SimNode
from rollout.sim.process import Processes
from rollout.sim.service import SimService
from rollout.sim.task import SimTask

_LETTERS = string.ascii_lowercase + string.digits

Stored: TypeAlias = SimNode | SimService | SimTask


@dataclass(frozen=True)
class Change:
    """An object before and after a write; None where it was not, or is no more."""

    before: Stored | None
    after: Stored | None

    @property
    def subject(self) -> Stored:
        """The object, as it is or as it last was."""
        found = self.after if self.after is not None else self.before
        if found is None:
            raise ValueError("a change of nothing")
        return found


class Memory:
    """Everything that the managers know; one seeded source of chance for the whole simulation."""

    def __init__(self, processes: Processes, seed: int) -> None:
        self.processes = processes
        self.clock = processes.clock
        self.chance = random.Random(seed)  # noqa: S311  the simulation has to be repeatable
        self.version = 10
        self.nodes: dict[str, SimNode] = {}
        self.services: dict[str, SimService] = {}
        self.tasks: dict[str, SimTask] = {}
        self.before_change: list[Callable[[], None]] = []
        self.after_change: list[Callable[[Change], None]] = []

    def identity(self) -> str:
        """A new ID as Swarm makes them."""
        return "".join(self.chance.choices(_LETTERS, k=25))

    def put_node(self, node: SimNode) -> None:
        """Write a node."""
        self._put(self.nodes, node)

    def put_task(self, task: SimTask) -> None:
        """Write a task."""
        self._put(self.tasks, task)

    def put_service(self, service: SimService) -> SimService:
        """Write a service, which moves its version."""
        written = replace(service, version=self.version + 1)
        self._put(self.services, written)
        return written

    def change_task(self, task_id: str, **changes: Any) -> None:
        """Write some fields of a task that may be gone by now."""
        task = self.tasks.get(task_id)
        if task is not None:
            self.put_task(replace(task, **changes))

    def wish(self, task_id: str, desired: TaskState) -> None:
        """Move a task's desired state, which never goes back."""
        task = self.tasks.get(task_id)
        if task is not None and task.desired < desired:
            self.put_task(replace(task, desired=desired))

    def drop_task(self, task_id: str) -> None:
        """Forget a task."""
        self._drop(self.tasks, task_id)

    def drop_service(self, service_id: str) -> None:
        """Forget a service; its tasks are somebody else's business."""
        self._drop(self.services, service_id)

    def tasks_of(self, service_id: str) -> list[SimTask]:
        """A service's tasks by ID, which is no order in time: so swarmkit's store lists them."""
        tasks = [task for task in self.tasks.values() if task.service_id == service_id]
        return sorted(tasks, key=lambda task: task.id)

    def tasks_on(self, node_id: str) -> list[SimTask]:
        """A node's tasks."""
        return [task for task in self.tasks.values() if task.node_id == node_id]

    def announce(self) -> None:
        """Tell those who count what happens in between that something is about to change."""
        for listener in self.before_change:
            listener()

    def _put(self, table: dict[str, Any], stored: Stored) -> None:
        self.announce()
        before = table.get(stored.id)
        table[stored.id] = stored
        self._tell(Change(before, stored))

    def _drop(self, table: dict[str, Any], identity: str) -> None:
        if identity in table:
            self.announce()
            self._tell(Change(table.pop(identity), None))

    def _tell(self, change: Change) -> None:
        self.version += 1
        for listener in self.after_change:
            listener(change)
        if isinstance(change.subject, SimTask):
            self.processes.poke(change.subject.id)
        else:
            self.processes.poke()
