"""From tasks to slots, and one reading of everything that a plan is made from."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from rollout import spec
from rollout.model import Service, Slot, Snapshot, Task
from rollout.placement import eligible
from rollout.ports import Swarm


def slots_of(tasks: Iterable[Task]) -> tuple[Slot, ...]:
    """The slots that Swarm means to fill, in order; a slot that was scaled away has no wanted task."""
    by_slot = groupby(sorted(tasks, key=_slot_order), key=lambda task: task.slot)
    slots = (Slot(key, tuple(found)) for key, found in by_slot)
    return tuple(slot for slot in slots if slot.wanted)


def missing(snapshot: Snapshot) -> int:
    """How many slots have no task that is meant to run, though the spec wants one there."""
    wanted = spec.replicas(snapshot.service.spec)
    able = [node for node in snapshot.nodes.values() if node.active and not node.gone]
    nodes = sum(eligible(node, snapshot.service.spec) for node in able)
    return max(0, (nodes if wanted is None else wanted) - len(snapshot.slots))


def _slot_order(task: Task) -> tuple[int, str]:
    """Slots by number; in global mode, where a slot is a node, by the node's ID. Keeps newest first."""
    return (int(task.slot), "") if task.slot.isdigit() else (0, task.slot)


def take(swarm: Swarm, service: Service) -> Snapshot:
    """Read a service's tasks and the nodes."""
    nodes = {node.id: node for node in swarm.nodes()}
    return Snapshot(service, slots_of(swarm.tasks(service.id)), nodes)
