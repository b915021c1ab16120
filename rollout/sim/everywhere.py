"""The global orchestrator: one task a node (swarmkit manager/orchestrator/global/global.go)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rollout.model import TaskState
from rollout.sim.dirty import is_dirty
from rollout.sim.memory import Memory
from rollout.sim.node import SimNode
from rollout.sim.restart import Restarts
from rollout.sim.service import SimService
from rollout.sim.supervisor import Supervisor
from rollout.sim.task import SimTask, new_task
from rollout.sim.updater import SimSlot


class Everywhere:
    """Keeps the tasks of global services in step with the specs and the nodes."""

    def __init__(self, memory: Memory, restarts: Restarts, supervisor: Supervisor) -> None:
        self._memory = memory
        self._restarts = restarts
        self._supervisor = supervisor

    def reconcile(self, service: SimService) -> None:
        """Give every fitting node a task, clear the others, and start an update of what is there."""
        by_node = self._by_node(service)
        slots: list[SimSlot] = []
        for node in self._nodes():
            tasks = by_node.pop(node.id, ())
            if not node.satisfies(service.constraints):
                self._shut_down(tasks)
            elif node.availability != "pause":
                slots.extend([tasks] if tasks else [])
                self._fill(service, node, tasks)
        for left_behind in by_node.values():
            self._shut_down(left_behind)
        if slots:
            self._supervisor.update(service, self._memory.chance.sample(slots, len(slots)))

    def reconcile_node(self, node: SimNode, services: list[SimService]) -> None:
        """Bring one node up to date at once, however updates are paced: any change of a node does that."""
        if node.invalid:
            self._shut_down(task for service in services for task in self._tasks(service, node))
        elif node.availability == "active":
            for service in services:
                if node.satisfies(service.constraints):
                    self._bring_up_to_date(service, node)

    def needs_restart(self, task: SimTask) -> bool:
        """Whether a wanted task has ended."""
        return task.wanted and task.ended

    def restart(self, task: SimTask) -> None:
        """Replace a task on its node, unless the node does not want it any more."""
        node = self._memory.nodes.get(task.node_id)
        service = self._memory.services.get(task.service_id)
        if node is None or service is None or node.invalid:
            return
        if node.availability == "pause" or not node.satisfies(service.constraints):
            self._memory.wish(task.id, TaskState.SHUTDOWN)
        else:
            self._restarts.restart(task)

    def _nodes(self) -> list[SimNode]:
        return [node for node in self._memory.nodes.values() if not node.invalid]

    def _by_node(self, service: SimService) -> dict[str, SimSlot]:
        tasks: dict[str, list[SimTask]] = defaultdict(list)
        for task in self._memory.tasks_of(service.id):
            tasks[task.node_id].append(task)
        updatable = {node_id: self._restarts.updatable(found, service) for node_id, found in tasks.items()}
        return {node_id: slot for node_id, slot in updatable.items() if slot}

    def _tasks(self, service: SimService, node: SimNode) -> list[SimTask]:
        return [task for task in self._memory.tasks_of(service.id) if task.node_id == node.id]

    def _bring_up_to_date(self, service: SimService, node: SimNode) -> None:
        slot = self._restarts.updatable(self._tasks(service, node), service)
        clean = [task for task in slot if not is_dirty(service, task, self._memory.nodes)]
        self._fill(service, node, tuple(clean))
        self._shut_down(task for task in slot if task not in clean[:1])

    def _fill(self, service: SimService, node: SimNode, tasks: SimSlot) -> None:
        if not tasks:
            identity, now = self._memory.identity(), self._memory.clock.now()
            self._memory.put_task(new_task(identity, service, (0, node.id), now))

    def _shut_down(self, tasks: Iterable[SimTask]) -> None:
        for task in tasks:
            self._memory.wish(task.id, TaskState.SHUTDOWN)
