"""The scheduler: pending tasks get nodes, or the reason why not (swarmkit manager/scheduler).

Left out: placement preferences, plugins and platforms, and the dislike of nodes where a service failed often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeAlias

from rollout.model import TaskState
from rollout.sim.memory import Change, Memory
from rollout.sim.node import SimNode
from rollout.sim.task import SimTask
from rollout.sim.timing import Timing

Filter: TypeAlias = Callable[["Scheduler", SimTask, SimNode], bool]


class Scheduler:
    """Looks at all pending tasks a moment after anything changed."""

    def __init__(self, memory: Memory, timing: Timing) -> None:
        self._memory = memory
        self._timing = timing
        self._called = False
        memory.after_change.append(self._notice)

    def holding(self, node: SimNode) -> list[SimTask]:
        """The tasks that take up room on a node: until they have ended, wanted or not."""
        tasks = self._memory.tasks_on(node.id)
        return [task for task in tasks if TaskState.ASSIGNED <= task.state <= TaskState.RUNNING]

    def _notice(self, change: Change) -> None:
        del change
        if not self._called:
            self._called = True
            self._memory.clock.call_later(self._timing.schedule, self._tick)

    def _tick(self) -> None:
        self._called = False
        for task in list(self._memory.tasks.values()):
            if task.state == TaskState.PENDING:
                self._place(task)

    def _place(self, task: SimTask) -> None:
        candidates = self._candidates(task)
        failures = {node.id: _first_failure(self, task, node) for node in candidates}
        fit = [node for node in candidates if failures[node.id] is None]
        if fit:
            self._assign(task, min(fit, key=lambda node: self._load(task, node)))
        else:
            self._explain(task, [failure for failure in failures.values() if failure])

    def _candidates(self, task: SimTask) -> list[SimNode]:
        nodes = self._memory.nodes
        if task.node_id:
            return [nodes[task.node_id]] if task.node_id in nodes else []
        return list(nodes.values())

    def _load(self, task: SimTask, node: SimNode) -> tuple[int, int, float]:
        """Fewest tasks of the service first, then fewest tasks, then chance."""
        active = [held for held in self.holding(node) if held.wanted]
        own = sum(held.service_id == task.service_id for held in active)
        return own, len(active), self._memory.chance.random()

    def _assign(self, task: SimTask, node: SimNode) -> None:
        placed = "scheduler confirmed task can run on preassigned node"
        message = placed if task.node_id else "scheduler assigned task to node"
        now = self._memory.clock.now()
        self._memory.put_task(
            replace(task, node_id=node.id, state=TaskState.ASSIGNED, message=message, error="", at=now)
        )

    def _explain(self, task: SimTask, failures: list[str]) -> None:
        reason = "; ".join(_sentence(name, count) for name, count in Counter(failures).most_common())
        error = reason if task.node_id else f"no suitable node ({reason})" if reason else "no suitable node"
        if error != task.error:
            self._memory.put_task(replace(task, error=error, at=self._memory.clock.now()))


def _first_failure(scheduler: Scheduler, task: SimTask, node: SimNode) -> str | None:
    return next((name for name, fits in _FILTERS.items() if not fits(scheduler, task, node)), None)


def _sentence(name: str, nodes: int) -> str:
    one, many = _EXPLANATIONS[name]
    return one if nodes == 1 else many.format(nodes)


def _ready(scheduler: Scheduler, task: SimTask, node: SimNode) -> bool:
    del scheduler, task
    return node.takes_tasks


def _resources(scheduler: Scheduler, task: SimTask, node: SimNode) -> bool:
    held = [_reserved(other) for other in scheduler.holding(node)]
    cpus, memory = _reserved(task)
    return (
        cpus + sum(taken[0] for taken in held) <= node.nano_cpus
        and memory + sum(taken[1] for taken in held) <= node.memory
    )


def _constraints(scheduler: Scheduler, task: SimTask, node: SimNode) -> bool:
    del scheduler
    return node.satisfies(tuple(_placement(task).get("Constraints") or ()))


def _host_ports(scheduler: Scheduler, task: SimTask, node: SimNode) -> bool:
    used = {port for other in scheduler.holding(node) for port in _ports(other)}
    return not used.intersection(_ports(task))


def _max_replicas(scheduler: Scheduler, task: SimTask, node: SimNode) -> bool:
    limit = int(_placement(task).get("MaxReplicas") or 0)
    held = scheduler.holding(node)
    active = sum(other.wanted and other.service_id == task.service_id for other in held)
    return not limit or active < limit


def _placement(task: SimTask) -> dict[str, Any]:
    found: dict[str, Any] = task.spec.get("Placement") or {}
    return found


def _reserved(task: SimTask) -> tuple[int, int]:
    found = (task.spec.get("Resources") or {}).get("Reservations") or {}
    return int(found.get("NanoCPUs") or 0), int(found.get("MemoryBytes") or 0)


def _ports(task: SimTask) -> Iterable[tuple[str, int]]:
    ports = task.endpoint.get("Ports") or []
    host = [port for port in ports if port.get("PublishMode") == "host" and port.get("PublishedPort")]
    return [(str(port.get("Protocol") or "tcp"), int(port["PublishedPort"])) for port in host]


_FILTERS: dict[str, Filter] = {
    "ready": _ready,
    "resources": _resources,
    "constraints": _constraints,
    "host ports": _host_ports,
    "max replicas": _max_replicas,
}

_EXPLANATIONS = {
    "ready": ("1 node not available for new tasks", "{} nodes not available for new tasks"),
    "resources": ("insufficient resources on 1 node", "insufficient resources on {} nodes"),
    "constraints": (
        "scheduling constraints not satisfied on 1 node",
        "scheduling constraints not satisfied on {} nodes",
    ),
    "host ports": ("host-mode port already in use on 1 node", "host-mode port already in use on {} nodes"),
    "max replicas": ("max replicas per node limit exceed", "max replicas per node limit exceed"),
}
