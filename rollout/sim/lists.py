"""Tasks of many services in one answer, as the manager lists them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rollout.model import Task
from rollout.sim.memory import Memory
from rollout.sim.task import SimTask
from rollout.sim.wall import EngineClock


class TaskLists:
    """Shows a task that has not changed as the same value again: some look for days."""

    def __init__(self, memory: Memory, clock: EngineClock) -> None:
        self._memory = memory
        self._clock = clock
        self._shown: dict[str, tuple[SimTask, Task]] = {}

    def of(self, tasks: Iterable[SimTask]) -> Mapping[str, tuple[Task, ...]]:
        """By their services, newest first; those of services that are gone are left out."""
        by_service: dict[str, list[SimTask]] = {}
        for task in tasks:
            by_service.setdefault(task.service_id, []).append(task)
        there = self._memory.services
        return {
            service_id: tuple(map(self._task, sorted(found, key=lambda task: -task.created)))
            for service_id, found in by_service.items()
            if service_id in there
        }

    def _task(self, task: SimTask) -> Task:
        kept = self._shown.get(task.id)
        if kept is None or kept[0] is not task:
            self._forget()
            kept = self._shown[task.id] = task, task.as_task(False, self._clock.at(task.at))
        return kept[1]

    def _forget(self) -> None:
        """Keep no task that the Swarm has forgotten, once there are as many of those as of the others."""
        if len(self._shown) > 2 * len(self._memory.tasks) + 100:
            known = self._memory.tasks
            self._shown = {task_id: kept for task_id, kept in self._shown.items() if task_id in known}
