"""The task reaper: it keeps the history of each slot short (swarmkit manager/orchestrator/taskreaper)."""

from __future__ import annotations

from rollout.model import TaskState
from rollout.sim.memory import Change, Memory
from rollout.sim.task import SimTask
from rollout.sim.timing import Timing


class Reaper:
    """Forgets the oldest ended tasks of a slot when a new one comes, and removed tasks once they ended."""

    def __init__(self, memory: Memory, timing: Timing) -> None:
        self._memory = memory
        self._timing = timing
        self._slots: dict[tuple[str, str], None] = {}
        self._removed: dict[str, None] = {}
        self._called = False
        memory.after_change.append(self._notice)

    def _notice(self, change: Change) -> None:
        task = change.after
        if not isinstance(task, SimTask):
            return
        if change.before is None:
            self._slots[task.service_id, task.key] = None
            self._call()
        if task.desired == TaskState.REMOVE and _leaves_nothing(task):
            self._removed[task.id] = None
            self._call()

    def _call(self) -> None:
        if not self._called:
            self._called = True
            self._memory.clock.call_later(self._timing.reap, self._tick)

    def _tick(self) -> None:
        self._called = False
        slots, removed = list(self._slots), list(self._removed)
        self._slots.clear()
        self._removed.clear()
        for task_id in removed:
            self._memory.drop_task(task_id)
        for service_id, key in slots:
            self._shorten(service_id, key)

    def _shorten(self, service_id: str, key: str) -> None:
        service = self._memory.services.get(service_id)
        if service is None:
            return
        attempts = int((service.template.get("RestartPolicy") or {}).get("MaxAttempts") or 0)
        slot = [task for task in self._memory.tasks_of(service_id) if task.key == key]
        tasks = sorted(slot, key=lambda task: task.at)
        surplus = max(0, len(tasks) - (attempts + 1 if attempts else self._timing.history))
        old = [task for task in tasks if _leaves_nothing(task) and (task.ended or not task.wanted)]
        for task in old[:surplus]:
            self._memory.drop_task(task.id)
        if sum(not task.ended for task in tasks) > 1:
            self._slots[service_id, key] = None


def _leaves_nothing(task: SimTask) -> bool:
    """Whether nothing of it can be left on a node."""
    return task.state < TaskState.ASSIGNED or task.ended
