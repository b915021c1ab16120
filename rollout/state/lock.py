"""The lock: one deployment a service at a time, as a lease in the Swarm.

A config's name can be taken only once, so creating it is the atomic step. Its labels carry a heartbeat; one
that is not renewed for ``TTL`` seconds is lost (see ``presence``). Taking over marks the old entry, which
fails if its holder has just renewed it, removes it by ID and creates a new one: an old holder that wakes up
finds its own gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from rollout.errors import AlreadyExists, Conflict, Locked, NotFound, OutcomeUnknown, Refused
from rollout.ports import Clock, Entry, Store
from rollout.secrets import public_link
from rollout.state import removal
from rollout.state.holder import Holder
from rollout.state.lease import BEAT, DOOMED, TTL, Lease, LockState
from rollout.state.presence import Presence
from rollout.state.queue import Queue

KIND = "lock"
TRIES = 60
"""Tries to take a lock, a second apart: twice the time that a silent holder may stay silent."""


def judge(updated: datetime, now: datetime, holder_dead: bool) -> LockState:
    """Held, silent (missed two beats) or expired, by the engine's clock: to show it, not to take it over."""
    age = (now - updated).total_seconds()
    if holder_dead or age > TTL:
        return LockState.EXPIRED
    return LockState.SILENT if age > 2 * BEAT else LockState.HELD


@dataclass
class Wait:
    """The wait for a lock: in a queue, with an eye on who holds it."""

    queue: Queue
    presence: Presence | None = None

    def watch(self, entry: Entry, store: Store) -> Presence:
        """Look at the lock; one that was not seen before is watched from now on."""
        if self.presence is None or self.presence.entry.id != entry.id:
            self.presence = Presence.over(entry, store, self.queue.clock)
        self.presence.see(entry)
        return self.presence


@dataclass(frozen=True)
class Locksmith:
    """Takes the lock of a service; ``announce`` hears about waiting and taking over."""

    store: Store
    clock: Clock
    announce: Callable[[str], None]

    def acquire(self, service_id: str, service: str, holder: Holder, wait: float = 0.0) -> Lease:
        """Take the lock. One that has gone silent is waited for, and one that is held for ``wait`` seconds.

        Those who wait come in no order. Raises Locked when it is held still."""
        labels = _new_labels(service_id, service, holder, self.clock.wall())
        waiting = Wait(Queue(self.clock, self.announce, self.clock.now() + wait))
        tries = 0
        while tries < TRIES:
            asked = self.clock.now()
            try:
                entry = self.store.create(_name(service_id), holder.who.encode(), labels)
                return Lease(self.store, self.clock, entry, asked)
            except (AlreadyExists, OutcomeUnknown):
                entries = held(self.store, service_id)
            ours = [
                entry for entry in entries if entry.labels.get("rollout.token") == labels["rollout.token"]
            ]
            if ours:  # the reply was lost, the lock was not
                return Lease(self.store, self.clock, ours[0], asked)
            tries += 0 if self._make_way(service, entries, waiting) else 1
        raise Refused(
            f"the lock of {service} can neither be taken nor read",
            f"look at it: docker config inspect {_name(service_id)}",
        )

    def _make_way(self, service: str, entries: tuple[Entry, ...], wait: Wait) -> bool:
        """Remove a lock that has expired, wait a moment for one that is silent or queued for.

        Whether somebody is at work, so that the wait is none that should come to an end by itself.
        """
        state = None
        for entry in entries:
            presence = wait.watch(entry, self.store)
            state = presence.state
            if state == LockState.EXPIRED:
                self._take_away(entry)
                return False
            if state == LockState.HELD and wait.queue.over:
                raise _locked(service, entry)
            wait.queue.tell(f"{entry.id} {state}", _awaited(presence, state, wait.queue.left))
        self.clock.sleep(1.0)
        return state == LockState.HELD

    def _take_away(self, entry: Entry) -> None:
        """Doom it first: that fails if its holder has renewed it since it was looked at."""
        doomed = entry
        if DOOMED not in entry.labels:
            try:
                doomed = self.store.relabel(entry, {**entry.labels, DOOMED: "yes"})
            except (Conflict, NotFound, OutcomeUnknown):
                return  # the next look tells
            self.announce(f"taking over the lock of {describe(entry)}: its holder has gone away")
        removal.remove(self.store, doomed)


def _awaited(presence: Presence, state: LockState, left: float) -> str:
    whose = f"the lock is held by {describe(presence.entry)}"
    if state == LockState.SILENT:
        return f"{whose}, who has gone silent: waiting for a sign of life, for {presence.left:.0f}s more"
    return f"{whose}: waiting for it, {left:.0f}s left"


def held(store: Store, service_id: str) -> tuple[Entry, ...]:
    """The lock of a service, if somebody has it."""
    return store.find({"rollout.kind": KIND, "rollout.service": service_id})


def describe(entry: Entry) -> str:
    """The holder in words."""
    pipeline = public_link(entry.labels.get("rollout.pipeline", ""))
    where = f" ({pipeline})" if pipeline else ""
    return f"{who_holds(entry)}{where} since {since(entry)}"


def who_holds(entry: Entry) -> str:
    """The holder's name for people."""
    return entry.labels.get("rollout.who", "somebody")


def since(entry: Entry) -> str:
    """When the lock was taken, by the holder's clock."""
    return entry.labels.get("rollout.started", "?")


def _locked(service: str, entry: Entry) -> Locked:
    return Locked(
        f"{service} is being deployed by {describe(entry)}",
        f"`--wait 10m` queues for it; if it is gone for good, its lock falls {TTL:.0f}s after its last sign "
        f"of life, and `rollout lock release {service}` takes it away at once",
    )


def _name(service_id: str) -> str:
    return f"rollout.lock.{service_id}"


def _labels_of(entry: Entry) -> dict[str, str]:
    return {"rollout.kind": KIND, "rollout.service": entry.labels["rollout.service"]}


def _new_labels(service_id: str, service: str, holder: Holder, now: datetime) -> dict[str, str]:
    return {
        "rollout.kind": KIND,
        "rollout.service": service_id,
        "rollout.name": service,
        "rollout.token": uuid4().hex,
        "rollout.who": holder.who,
        "rollout.pipeline": holder.pipeline,
        "rollout.process": holder.process,
        "rollout.started": now.isoformat(timespec="seconds"),
        "rollout.beat": "0",
    }
