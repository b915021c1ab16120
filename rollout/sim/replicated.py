"""The replicated orchestrator: as many slots as replicas (swarmkit manager/orchestrator/replicated)."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from rollout.model import TaskState
from rollout.sim.memory import Memory
from rollout.sim.node import SimNode
from rollout.sim.restart import Restarts
from rollout.sim.service import SimService
from rollout.sim.supervisor import Supervisor
from rollout.sim.task import SimTask, new_task
from rollout.sim.updater import SimSlot


@dataclass(frozen=True)
class _Slots:
    """A service's slots by number: those to keep in step with the spec, and those left behind."""

    live: dict[int, SimSlot]
    dead: dict[int, list[SimTask]]


class Replicated:
    """Keeps the slots of replicated services in step with their specs."""

    def __init__(self, memory: Memory, restarts: Restarts, supervisor: Supervisor) -> None:
        self._memory = memory
        self._restarts = restarts
        self._supervisor = supervisor

    def reconcile(self, service: SimService) -> None:
        """Start an update of what is there, then add or take away slots."""
        slots = self._slots(service)
        missing = service.replicas - len(slots.live)
        if missing >= 0:
            self._supervisor.update(service, self._in_random_order(slots.live))
            self._add(service, slots, missing)
        else:
            self._shrink(service, slots)
        for tasks in slots.dead.values():
            for task in tasks:
                self._memory.drop_task(task.id)

    def misplaced(self, node: SimNode) -> list[SimTask]:
        """The tasks that have to be restarted elsewhere because of what became of their node."""
        return [task for task in self._memory.tasks_on(node.id) if task.wanted] if node.invalid else []

    def needs_restart(self, task: SimTask) -> bool:
        """Whether a wanted task has ended, or sits on a node that cannot keep it."""
        node = self._memory.nodes.get(task.node_id)
        return task.wanted and (task.ended or bool(node and node.invalid))

    def restart(self, task: SimTask) -> None:
        """Replace a task as its policy says."""
        self._restarts.restart(task)

    def _slots(self, service: SimService) -> _Slots:
        tasks: dict[int, list[SimTask]] = defaultdict(list)
        for task in self._memory.tasks_of(service.id):
            tasks[task.slot].append(task)
        updatable = {slot: self._restarts.updatable(found, service) for slot, found in tasks.items()}
        live = {slot: found for slot, found in updatable.items() if found}
        return _Slots(live, {slot: found for slot, found in tasks.items() if slot not in live})

    def _in_random_order(self, live: dict[int, SimSlot]) -> list[SimSlot]:
        return self._memory.chance.sample(list(live.values()), len(live))

    def _add(self, service: SimService, slots: _Slots, missing: int) -> None:
        """Fill the lowest free numbers; a reused slot keeps its history."""
        numbers = range(1, service.replicas + len(slots.live) + 1)
        free = (number for number in numbers if number not in slots.live)
        for _, number in zip(range(missing), free, strict=False):
            slots.dead.pop(number, None)
            identity, now = self._memory.identity(), self._memory.clock.now()
            self._memory.put_task(new_task(identity, service, (number, ""), now))

    def _shrink(self, service: SimService, slots: _Slots) -> None:
        """Keep the slots that run and that leave the nodes balanced, then those with low numbers."""
        ordered = sorted(slots.live.items(), key=lambda item: (not _runs(item[1]), item[0]))
        nth = _nth_on_node(ordered)
        kept = sorted(ordered, key=lambda item: nth[item[0]])
        self._supervisor.update(service, [slot for _, slot in kept[: service.replicas]])
        for _, slot in kept[service.replicas :]:
            for task in slot:
                self._memory.wish(task.id, TaskState.REMOVE)


def _runs(slot: SimSlot) -> bool:
    return any(task.state == TaskState.RUNNING for task in slot)


def _nth_on_node(ordered: list[tuple[int, SimSlot]]) -> dict[int, float]:
    """Each slot's number among those on its node; slots in motion come last."""
    counts: Counter[str] = Counter()
    nth: dict[int, float] = {}
    for number, slot in ordered:
        node_id = slot[0].node_id if len(slot) == 1 else ""
        counts[node_id] += 1
        nth[number] = counts[node_id] if node_id else float("inf")
    return nth
