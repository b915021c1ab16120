"""The allocator: a new task becomes pending once its network is arranged (swarmkit manager/allocator)."""

from __future__ import annotations

from dataclasses import replace

from rollout.model import TaskState
from rollout.sim.memory import Change, Memory
from rollout.sim.task import SimTask
from rollout.sim.timing import Timing


class Allocator:
    """Passes every new task on to the scheduler."""

    def __init__(self, memory: Memory, timing: Timing) -> None:
        self._memory = memory
        self._timing = timing
        memory.after_change.append(self._notice)

    def _notice(self, change: Change) -> None:
        task = change.after
        if isinstance(task, SimTask) and change.before is None:
            self._memory.clock.call_later(self._timing.allocate, lambda: self._allocate(task.id))

    def _allocate(self, task_id: str) -> None:
        task = self._memory.tasks.get(task_id)
        if task is not None and task.state == TaskState.NEW:
            now = self._memory.clock.now()
            message = "pending task scheduling"
            self._memory.put_task(replace(task, state=TaskState.PENDING, message=message, at=now))
