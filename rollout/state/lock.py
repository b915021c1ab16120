"""The lock: one deployment a service at a time, as a lease in the Swarm.

A config's name can be taken only once, so creating it is the atomic step. Its labels carry a heartbeat; a
holder that misses it for ``TTL`` seconds by the *engine's* clock has lost the lock. Taking over removes the
old entry by ID and creates a new one, so that an old holder that wakes up finds its own gone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from rollout.errors import (
    AlreadyExists,
    Conflict,
    EngineUnavailable,
    Locked,
    NotFound,
    OutcomeUnknown,
    Refused,
)
from rollout.ports import Clock, Entry, Store, Swarm
from rollout.state.holder import Holder, is_dead
from rollout.state.queue import Queue

TTL = 30.0
BEAT = 5.0
KIND = "lock"
RENEWALS = 3
"""Tries to renew: in between the lock is read again, which is patient with an engine that is away."""
TRIES = 60
"""Tries to take a lock, a second apart: twice the time that a silent holder may stay silent."""


class LockState(StrEnum):
    """What a lock looks like to somebody who wants it."""

    HELD = "held"
    SILENT = "silent"
    EXPIRED = "expired"


class LockLost(Exception):
    """Somebody else holds the lock now; nothing may be written any more."""


def judge(updated: datetime, now: datetime, holder_dead: bool) -> LockState:
    """Held, silent (missed two beats) or expired, by the engine's clock."""
    age = (now - updated).total_seconds()
    if holder_dead or age > TTL:
        return LockState.EXPIRED
    return LockState.SILENT if age > 2 * BEAT else LockState.HELD


@dataclass
class Lease:
    """A lock that is held; ``beat`` keeps it, ``prove`` asks the Swarm whether it is still ours."""

    store: Store
    clock: Clock
    entry: Entry
    beaten: float

    def beat(self) -> None:
        """Renew the lease when it is time to. Raises LockLost."""
        if self.clock.now() - self.beaten >= BEAT:
            self.prove()

    def prove(self) -> None:
        """Renew the lease now. Raises LockLost, and EngineUnavailable if the engine stays away."""
        for _ in range(RENEWALS - 1):
            try:
                self._renew()
            except (Conflict, OutcomeUnknown, EngineUnavailable):
                self.entry = self._reread()
            except NotFound:
                raise LockLost from None
            else:
                return
        self._renew_at_last()

    def release(self) -> None:
        """Give the lock back; a successor's cannot be hit, since it has another ID."""
        self.store.remove(self.entry)

    def _renew(self) -> None:
        beats = str(int(self.entry.labels.get("rollout.beat", "0")) + 1)
        self.entry = self.store.relabel(self.entry, {**self.entry.labels, "rollout.beat": beats})
        self.beaten = self.clock.now()

    def _renew_at_last(self) -> None:
        try:
            self._renew()
        except (Conflict, NotFound):
            raise LockLost from None

    def _reread(self) -> Entry:
        found = [entry for entry in self.store.find(_labels_of(self.entry)) if entry.id == self.entry.id]
        if not found:
            raise LockLost
        return found[0]


@dataclass(frozen=True)
class Locksmith:
    """Takes the lock of a service; ``announce`` hears about waiting and taking over."""

    swarm: Swarm
    store: Store
    clock: Clock
    announce: Callable[[str], None]

    def acquire(self, service_id: str, service: str, holder: Holder, wait: float = 0.0) -> Lease:
        """Take the lock. One that has gone silent is waited for, and one that is held for ``wait`` seconds.

        Those who wait come in no order. Raises Locked when it is held still."""
        labels = _new_labels(service_id, service, holder, self.clock.wall())
        queue = Queue(self.clock, self.announce, self.clock.now() + wait)
        tries = 0
        while tries < TRIES:
            try:
                return self._lease(self.store.create(_name(service_id), holder.who.encode(), labels))
            except (AlreadyExists, OutcomeUnknown):
                entries = self.store.find({"rollout.kind": KIND, "rollout.service": service_id})
            ours = [
                entry for entry in entries if entry.labels.get("rollout.token") == labels["rollout.token"]
            ]
            if ours:  # the reply was lost, the lock was not
                return self._lease(ours[0])
            tries += 0 if self._make_way(service, entries, queue) else 1
        raise Refused(
            f"the lock of {service} can neither be taken nor read",
            f"look at it: docker config inspect {_name(service_id)}",
        )

    def _lease(self, entry: Entry) -> Lease:
        return Lease(self.store, self.clock, entry, self.clock.now())

    def _make_way(self, service: str, entries: tuple[Entry, ...], queue: Queue) -> bool:
        """Remove a lock that has expired, wait a moment for one that is silent or queued for.

        Whether somebody is at work, so that the wait is none that should come to an end by itself.
        """
        states = [(entry, self._state(entry)) for entry in entries]
        for entry, state in states:
            if state == LockState.EXPIRED:
                self.announce(f"taking over the lock of {describe(entry)}: its holder has gone away")
                self.store.remove(entry)
                return False
            if state == LockState.HELD and queue.over:
                raise _locked(service, entry)
            queue.tell(entry.id, _awaited(entry, state, queue.left))
        self.clock.sleep(1.0)
        return any(state == LockState.HELD for _, state in states)

    def _state(self, entry: Entry) -> LockState:
        return judge(entry.updated, self.swarm.now(), is_dead(entry.labels.get("rollout.process", "")))


def _awaited(entry: Entry, state: LockState, left: float) -> str:
    if state == LockState.SILENT:
        return f"the lock is held by {describe(entry)}, who has gone silent: waiting for it"
    return f"the lock is held by {describe(entry)}: waiting for it, {left:.0f}s left"


def held(store: Store, service_id: str) -> tuple[Entry, ...]:
    """The lock of a service, if somebody has it."""
    return store.find({"rollout.kind": KIND, "rollout.service": service_id})


def describe(entry: Entry) -> str:
    """The holder in words."""
    pipeline = entry.labels.get("rollout.pipeline")
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
