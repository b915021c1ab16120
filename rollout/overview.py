"""How services stand: what runs, and what deployment is unfinished. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rollout import spec
from rollout.model import Service, Slot, Snapshot
from rollout.oneshot.names import is_side_service
from rollout.ports import Entry, Store, Swarm
from rollout.snapshot import slots_of
from rollout.state import lock, record
from rollout.state.holder import is_dead
from rollout.state.lease import LockState
from rollout.state.record import Record, RecordState


class Standing(StrEnum):
    """Why a deployment that nobody is at work on is unfinished."""

    HELD = "held"
    INTERRUPTED = "interrupted"
    ROLLBACK_FAILED = "rollback failed"


_STANDING = {RecordState.HELD: Standing.HELD, RecordState.FAILED: Standing.ROLLBACK_FAILED}


@dataclass(frozen=True)
class Unfinished:
    """A deployment that has not come to its end; ``holder`` is empty if nobody is at work on it.

    ``since`` is the last sign of life of whoever was.
    """

    on_target: int
    holder: str
    since: datetime
    how: Standing
    revision: int
    who: str


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
    found = record.restorable(records, snapshot.service)
    if found is None:
        return None
    locks = lock.held(store, snapshot.service.id)
    return Unfinished(
        on_target=_on_target(snapshot, found),
        holder=holder(swarm, store, snapshot.service.id),
        since=max(entry.updated for entry in (found.entry, *locks)),
        how=_STANDING.get(found.state, Standing.INTERRUPTED),
        revision=found.revision,
        who=found.who,
    )


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
