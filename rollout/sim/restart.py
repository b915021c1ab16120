"""The restart supervisor: what replaces a task that ended (swarmkit manager/orchestrator/restart)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rollout.model import TaskState
from rollout.sim.memory import Memory
from rollout.sim.process import Process, Steps, pause, until
from rollout.sim.service import SimService
from rollout.sim.task import SimTask, new_task
from rollout.sim.timing import Timing

NANOSECONDS = 1_000_000_000


@dataclass
class _History:
    """The restarts of a slot under one spec version, as times."""

    spec_version: int
    restarts: list[float] = field(default_factory=list)


class Restarts:
    """Restarts tasks, later where a delay is due, and moves prepared tasks on to running."""

    def __init__(self, memory: Memory, timing: Timing) -> None:
        self._memory = memory
        self._timing = timing
        self._delays: dict[str, Process] = {}
        self._waiting: set[str] = set()
        self._history: dict[tuple[str, str], _History] = {}

    def restart(self, task: SimTask) -> None:
        """Give up a task; if its policy says so, a new one by the service's spec of now takes its place."""
        service = self._memory.services.get(task.service_id)
        if service is None or task.desired > TaskState.COMPLETE:
            return
        if task.id in self._delays:
            self._restart_after_its_delay(task.id)
            return
        self._memory.wish(task.id, TaskState.SHUTDOWN)
        if self.should_restart(task):
            self._replace(task, service)

    def should_restart(self, task: SimTask) -> bool:
        """What the task's own restart policy says."""
        policy = task.restart_policy
        condition = policy.get("Condition") or "any"
        if condition == "none" or (condition == "on-failure" and task.state == TaskState.COMPLETE):
            return False
        attempts = int(policy.get("MaxAttempts") or 0)
        return not attempts or self._counted(task) < attempts

    def updatable(self, slot: Sequence[SimTask], service: SimService) -> tuple[SimTask, ...]:
        """The tasks of a slot that an update has to do with; none if the slot is dead."""
        wanted = tuple(task for task in slot if task.wanted)
        if wanted or not slot or service.status == "rollback_started":
            return wanted
        newest = max(slot, key=lambda task: task.at)
        return () if self.should_restart(newest) else (newest,)

    def delay_start(self, task_id: str, old: SimTask | None, delay: float) -> None:
        """Move a task from ready to running when the delay is over and the old task has stopped."""
        self.cancel(task_id)
        self._delays[task_id] = self._memory.processes.start(self._start_later(task_id, old, delay))

    def start_now(self, task_id: str) -> None:
        """Move a task on to running."""
        self._memory.wish(task_id, TaskState.RUNNING)

    def delayed(self, task_id: str) -> bool:
        """Whether a task still waits to be moved on."""
        return task_id in self._delays

    def cancel(self, task_id: str) -> None:
        """Forget a start that is due later."""
        if task_id in self._delays:
            self._delays.pop(task_id).stop()

    def cancel_all(self) -> None:
        """Forget everything, as a manager does that is not the leader any more."""
        for task_id in list(self._delays):
            self.cancel(task_id)
        self._history.clear()

    def restart_delay(self, task: SimTask) -> float:
        """The delay in the task's restart policy."""
        delay = task.restart_policy.get("Delay")
        return self._timing.restart if delay is None else delay / NANOSECONDS

    def _start_later(self, task_id: str, old: SimTask | None, delay: float) -> Steps:
        if delay:
            yield pause(delay)
        if old is not None and not old.ended:
            yield until(lambda: self._stopped(old), max(0.0, self._timing.old_task - delay))
        del self._delays[task_id]
        self.start_now(task_id)

    def _stopped(self, old: SimTask) -> bool:
        task = self._memory.tasks.get(old.id)
        node = self._memory.nodes.get(old.node_id)
        return task is None or task.ended or (node is not None and not node.ready)

    def _restart_after_its_delay(self, task_id: str) -> None:
        if task_id not in self._waiting:
            self._waiting.add(task_id)
            self._memory.processes.start(self._await_restart(task_id))

    def _await_restart(self, task_id: str) -> Steps:
        """Its own delay keeps a task that cannot start from being restarted in a tight loop."""
        yield until(lambda: task_id not in self._delays)
        self._waiting.discard(task_id)
        task = self._memory.tasks.get(task_id)
        if task is not None and task.wanted:
            self.restart(task)

    def _replace(self, task: SimTask, service: SimService) -> None:
        place = (0, task.node_id) if service.is_global else (task.slot, "")
        new = new_task(self._memory.identity(), service, place, self._memory.clock.now())
        self._memory.put_task(replace(new, desired=TaskState.READY))
        self._record(new)
        node = self._memory.nodes.get(task.node_id)
        delay = 0.0 if node and node.availability == "drain" else self.restart_delay(task)
        stopped = task.ended or (node is not None and not node.ready)
        self.delay_start(new.id, None if stopped else task, delay)

    def _record(self, new: SimTask) -> None:
        if not new.restart_policy.get("MaxAttempts"):
            return
        history = self._history.get((new.service_id, new.key))
        if history is None or history.spec_version != new.spec_version:
            history = self._history[new.service_id, new.key] = _History(new.spec_version)
        history.restarts.append(new.created)

    def _counted(self, task: SimTask) -> int:
        """The restarts that count against the task's MaxAttempts."""
        history = self._history.get((task.service_id, task.key))
        if history is None or history.spec_version != task.spec_version:
            return 0
        window = int(task.restart_policy.get("Window") or 0) / NANOSECONDS
        if not window:
            return len(history.restarts)
        return sum(task.at - window < at < task.at for at in history.restarts)
