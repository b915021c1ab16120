"""The leader's loop: it hears of every change, and answers a moment later, tasks first (swarmkit's tick)."""

from __future__ import annotations

from dataclasses import replace

from rollout.model import TaskState
from rollout.sim.everywhere import Everywhere
from rollout.sim.memory import Change, Memory
from rollout.sim.node import SimNode
from rollout.sim.replicated import Replicated
from rollout.sim.restart import Restarts
from rollout.sim.service import SimService
from rollout.sim.supervisor import Supervisor
from rollout.sim.task import SimTask
from rollout.sim.timing import Timing


class Orchestrator:
    """Hands changes to the orchestrator of each mode."""

    def __init__(self, memory: Memory, timing: Timing) -> None:
        self._memory = memory
        self._timing = timing
        self._restarts = Restarts(memory, timing)
        self._supervisor = Supervisor(memory, self._restarts)
        self._replicated = Replicated(memory, self._restarts, self._supervisor)
        self._everywhere = Everywhere(memory, self._restarts, self._supervisor)
        self._to_restart: dict[str, None] = {}
        self._to_reconcile: dict[str, None] = {}
        self._called = False
        memory.after_change.append(self._notice)

    def elect(self) -> None:
        """Another manager takes over: updates and delays are lost, and all services are looked at anew.

        So a paced update releases one more batch (seen on 20.10).
        """
        self._supervisor.cancel_all()
        self._restarts.cancel_all()
        for task in list(self._memory.tasks.values()):
            self._take_over(task)
        self._to_reconcile.update(dict.fromkeys(self._memory.services))
        self._call()

    def clear(self, service: SimService) -> None:
        """A service was removed: its tasks have to go."""
        self._supervisor.forget(service)
        for task in self._memory.tasks_of(service.id):
            self._memory.wish(task.id, TaskState.REMOVE)

    def _notice(self, change: Change) -> None:
        match change.subject:
            case SimTask() as task:
                self._notice_task(task, change)
            case SimService() as service if change.after is not None:
                self._to_reconcile[service.id] = None
                self._call()
            case SimNode() as node if not _only_reach(change):
                self._notice_node(node)

    def _notice_task(self, task: SimTask, change: Change) -> None:
        if change.after is None:
            self._restarts.cancel(task.id)
            if task.wanted:
                self._to_reconcile[task.service_id] = None
                self._call()
        elif self._needs_restart(task):
            self._to_restart[task.id] = None
            self._call()

    def _notice_node(self, node: SimNode) -> None:
        misplaced = [task for task in self._replicated.misplaced(node) if not self._is_global(task)]
        self._to_restart.update({task.id: None for task in misplaced})
        services = [service for service in self._memory.services.values() if service.is_global]
        self._memory.clock.call_later(
            self._timing.react, lambda: self._everywhere.reconcile_node(self._memory.nodes[node.id], services)
        )
        self._call()

    def _call(self) -> None:
        if not self._called:
            self._called = True
            self._memory.clock.call_later(self._timing.react, self._tick)

    def _tick(self) -> None:
        self._called = False
        tasks, services = list(self._to_restart), list(self._to_reconcile)
        self._to_restart.clear()
        self._to_reconcile.clear()
        for task_id in tasks:
            self._restart(task_id)
        for service_id in services:
            self._reconcile(service_id)

    def _restart(self, task_id: str) -> None:
        task = self._memory.tasks.get(task_id)
        if task is None or not task.wanted or task.service_id not in self._memory.services:
            return
        if self._is_global(task):
            self._everywhere.restart(task)
        else:
            self._replicated.restart(task)

    def _reconcile(self, service_id: str) -> None:
        service = self._memory.services.get(service_id)
        if service is None:
            return
        if service.is_global:
            self._everywhere.reconcile(service)
        else:
            self._replicated.reconcile(service)

    def _needs_restart(self, task: SimTask) -> bool:
        if self._is_global(task):
            return self._everywhere.needs_restart(task)
        return self._replicated.needs_restart(task)

    def _is_global(self, task: SimTask) -> bool:
        service = self._memory.services.get(task.service_id)
        return service is not None and service.is_global

    def _take_over(self, task: SimTask) -> None:
        """What the old leader may have left undone (swarmkit manager/orchestrator/taskinit/init.go)."""
        if self._needs_restart(task):
            self._to_restart[task.id] = None
        if task.desired == TaskState.READY and task.state <= TaskState.COMPLETE:
            left = task.at + self._restarts.restart_delay(task) - self._memory.clock.now()
            if left > 0:
                self._restarts.delay_start(task.id, None, left)
            else:
                self._memory.put_task(replace(task, desired=TaskState.RUNNING))


def _only_reach(change: Change) -> bool:
    """Whether a node was cut off, or came back: the managers know nothing of that until they miss it."""
    before, after = change.before, change.after
    match change:
        case Change(before=SimNode() as before, after=SimNode() as after):
            return before != after == replace(before, reachable=after.reachable)
        case _:
            return False
