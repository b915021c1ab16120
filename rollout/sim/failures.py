"""Which of an update's new tasks count as failed: the failure watch of swarmkit's Updater."""

from __future__ import annotations

from rollout.sim.memory import Memory
from rollout.sim.pacing import Pacing


class Failures:
    """Counts new tasks that ended before they ran, or within the monitoring period after."""

    def __init__(self, memory: Memory, pacing: Pacing, slots: int) -> None:
        self._memory = memory
        self._pacing = pacing
        self._slots = slots
        self._started: dict[str, float | None] = {}
        self._looked_at: set[str] = set()
        self._count = 0
        self.culprit = ""

    def expect(self, task_id: str) -> None:
        """A new task was created."""
        self._started[task_id] = None

    def note_start(self, task_id: str) -> None:
        """A new task was seen running, or ended."""
        self._started[task_id] = self._memory.clock.now()

    def too_many(self) -> bool:
        """Whether the update must not go on; says so once for each task too many."""
        if self._pacing.failure_action == "continue":
            return False
        too_many = [task_id for task_id in self._fresh() if self._is_one_too_many(task_id)]
        return bool(too_many)

    def _fresh(self) -> list[str]:
        """The new tasks that have ended since the last look; each is judged once."""
        ended = [task_id for task_id in self._started if self._has_ended(task_id)]
        fresh = [task_id for task_id in ended if task_id not in self._looked_at]
        self._looked_at.update(fresh)
        return fresh

    def _has_ended(self, task_id: str) -> bool:
        task = self._memory.tasks.get(task_id)
        return task is not None and task.ended

    def _is_one_too_many(self, task_id: str) -> bool:
        started = self._started[task_id]
        if started is not None and self._memory.clock.now() - started > self._pacing.monitor:
            return False
        self._count += 1
        if self._count / self._slots <= self._pacing.max_failure_ratio:
            return False
        self.culprit = task_id
        return True
