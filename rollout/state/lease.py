"""The lease: a lock that is held for as long as its holder gives signs of life."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rollout.errors import Conflict, EngineUnavailable, NotFound, OutcomeUnknown
from rollout.ports import Clock, Entry, Store
from rollout.state import removal

TTL = 30.0
"""Seconds without a sign of life after which a lock is lost."""
BEAT = 5.0
"""Seconds between two signs of life."""
SURE = TTL / 2
"""Seconds after a renewal in which a write may begin: it has to be over when others may take the lock."""
RENEWALS = 3
"""Tries to renew: in between the lock is read again, which is patient with an engine that is away."""
DOOMED = "rollout.doomed"
"""The label by which whoever takes a lock over makes its holder lose it, before it is removed."""


class LockState(StrEnum):
    """What a lock looks like to somebody who wants it."""

    HELD = "held"
    SILENT = "silent"
    EXPIRED = "expired"


class LockLost(Exception):
    """Somebody else holds the lock now; nothing may be written any more."""


@dataclass
class Lease:
    """A lock that is held; ``beat`` keeps it, ``prove`` asks the Swarm whether it is still ours.

    ``beaten`` is when the last renewal was *sent*: others count from when it arrived, which is later.
    """

    store: Store
    clock: Clock
    entry: Entry
    beaten: float

    def beat(self) -> None:
        """Renew the lease when it is time to. Raises LockLost."""
        if self.clock.now() - self.beaten >= BEAT:
            self.prove()

    def prove(self) -> None:
        """Renew the lease now. Raises LockLost, and EngineUnavailable if the engine stays away.

        A renewal that took so long that the lock may be lost again by now is none.
        """
        for _ in range(RENEWALS - 1):
            try:
                self._renew()
            except (Conflict, OutcomeUnknown, EngineUnavailable):
                self.entry = self._reread()
            except NotFound:
                raise LockLost from None
            else:
                if self._sure:
                    return
        self._renew_at_last()

    def release(self) -> None:
        """Give the lock back; a successor's cannot be hit, since it has another ID."""
        removal.remove(self.store, self.entry)

    @property
    def _sure(self) -> bool:
        return self.clock.now() - self.beaten < SURE

    def _renew(self) -> None:
        beats = str(int(self.entry.labels.get("rollout.beat", "0")) + 1)
        sent = self.clock.now()
        self.entry = self.store.relabel(self.entry, {**self.entry.labels, "rollout.beat": beats})
        self.beaten = sent

    def _renew_at_last(self) -> None:
        try:
            self._renew()
        except (Conflict, NotFound):
            raise LockLost from None
        if not self._sure:
            raise EngineUnavailable(
                f"the engine takes longer than {SURE:g}s to renew the lock", "docker node ls shows how it is"
            )

    def _reread(self) -> Entry:
        wanted = {"rollout.kind": "lock", "rollout.service": self.entry.labels["rollout.service"]}
        found = [entry for entry in self.store.find(wanted) if entry.id == self.entry.id]
        if not found or DOOMED in found[0].labels:
            raise LockLost
        return found[0]
