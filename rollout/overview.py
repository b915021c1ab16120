"""How services stand: what runs, and what deployment is unfinished. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rollout import spec
from rollout.model import Service, Slot, Snapshot
from rollout.oneshot.names import is_side_service
from rollout.ports import Entry, Store, Swarm
from rollout.snapshot import slots_of
from rollout.state import lock, record
from rollout.state.holder import is_dead
from rollout.state.lock import LockState
from rollout.state.record import Record


@dataclass(frozen=True)
class Unfinished:
    """A deployment that has not come to its end; ``holder`` is empty if nobody is at work on it."""

    on_target: int
    holder: str
    since: datetime


@dataclass(frozen=True)
class Overview:
    """One service as it stands."""

    snapshot: Snapshot
    wanted: int
    running: int
    unfinished: Unfinished | None


def survey(swarm: Swarm, store: Store, services: tuple[Service, ...]) -> tuple[Overview, ...]:
    """Each of these services, in the order given, without what we run beside them."""
    nodes = {node.id: node for node in swarm.nodes()}
    shown = (service for service in services if not is_side_service(service.spec))
    snapshots = (Snapshot(service, slots_of(swarm.tasks(service.id)), nodes) for service in shown)
    return tuple(_overview(swarm, store, snapshot) for snapshot in snapshots)


def holder(swarm: Swarm, store: Store, service_id: str) -> str:
    """Who holds a service's lock and gives signs of life; empty if nobody does."""
    entries = store.find({"rollout.kind": lock.KIND, "rollout.service": service_id})
    return next((_who(entry) for entry in entries if _alive(entry, swarm.now())), "")


def last_error(slot: Slot) -> str:
    """What is wrong in a slot: its task's error, or how the one before ended if this one is not well yet."""
    current = slot.current
    if current is None or current.running:
        return ""
    dead = next((task for task in slot.tasks if task.died), None)
    before = f"the task before ended by itself: {dead.error or dead.state.label}" if dead else ""
    return current.error or before


def _overview(swarm: Swarm, store: Store, snapshot: Snapshot) -> Overview:
    replicas = spec.replicas(snapshot.service.spec)
    return Overview(
        snapshot=snapshot,
        wanted=len(snapshot.slots) if replicas is None else replicas,
        running=sum(any(task.running for task in slot.wanted) for slot in snapshot.slots),
        unfinished=_unfinished(swarm, store, snapshot),
    )


def _unfinished(swarm: Swarm, store: Store, snapshot: Snapshot) -> Unfinished | None:
    records = record.history(store, snapshot.service.id)
    found = record.interrupted(records, snapshot.service)
    if found is None:
        return None
    at_work = holder(swarm, store, snapshot.service.id)
    since = found.entry.updated
    return Unfinished(_on_target(snapshot, found), at_work, since)


def _on_target(snapshot: Snapshot, unfinished: Record) -> int:
    target = spec.with_scale_of(unfinished.target, snapshot.service.spec)
    if not spec.same_work(snapshot.service.spec, target):
        return 0
    return sum(slot.done for slot in snapshot.slots)


def _alive(entry: Entry, now: datetime) -> bool:
    dead = is_dead(entry.labels.get("rollout.process", ""))
    return lock.judge(entry.updated, now, dead) != LockState.EXPIRED


def _who(entry: Entry) -> str:
    return entry.labels.get("rollout.who", "somebody")
