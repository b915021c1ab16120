"""Whether the holder of a lock is still there: judged by what one has seen, and by one clock at a time.

What is stamped in the Swarm is stamped by the leader's clock (moby/swarmkit manager/state/store/memory.go,
touchMeta), which may go wrong by minutes against that of the manager that is asked, and changes with the
leader. So a lock counts as lost only after it has been watched for a while and did not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from rollout.errors import RolloutError
from rollout.ports import Clock, Entry, Store
from rollout.state import removal
from rollout.state.holder import is_dead
from rollout.state.lease import BEAT, DOOMED, TTL, LockState

PROBE = "clock"
"""The kind of an entry that is made to learn what time it is, and removed at once."""
SHORT = 2 * BEAT
"""Seconds in which a holder that is well has renewed its lock."""


@dataclass
class Presence:
    """Watches one lock, by one's own clock since ``since``: when it was first seen, or seen to change.

    ``before`` is for how many seconds it had been silent by then, by the leader's clock; None where nobody
    knows.
    """

    clock: Clock
    entry: Entry
    before: float | None
    since: float

    @classmethod
    def over(cls, entry: Entry, store: Store, clock: Clock) -> Presence:
        """Begin to watch a lock."""
        return cls(clock, entry, _silence(entry, _leaders_time(store)), clock.now())

    def see(self, entry: Entry) -> None:
        """Look at it again: one that was renewed is watched anew."""
        if entry.version != self.entry.version:
            self.before, self.since = 0.0, self.clock.now()
        self.entry = entry

    @property
    def state(self) -> LockState:
        """What the lock looks like now."""
        dead = is_dead(self.entry.labels.get("rollout.process", ""))
        if dead or DOOMED in self.entry.labels or not self.left:
            return LockState.EXPIRED
        held = self.before is not None and self.before + self._watched <= SHORT
        return LockState.HELD if held else LockState.SILENT

    @property
    def left(self) -> float:
        """The seconds until it may be taken over, unless its holder is heard of."""
        unseen = TTL - self._watched
        if self.before is None:
            return max(0.0, unseen)
        return max(0.0, min(unseen, max(unseen - self.before, SHORT - self._watched)))

    @property
    def _watched(self) -> float:
        return self.clock.now() - self.since


def _silence(entry: Entry, now: datetime | None) -> float | None:
    """Both are the leader's stamps; one from the future was made by another leader, and tells nothing."""
    silent = (now - entry.updated).total_seconds() if now else -1.0
    return silent if silent >= 0 else None


def _leaders_time(store: Store) -> datetime | None:
    """What the leader stamps now; None where it cannot be found out."""
    try:
        entry = store.create(f"rollout.{PROBE}.{uuid4().hex}", b"now", {"rollout.kind": PROBE})
    except RolloutError:
        return None
    removal.remove(store, entry)
    return entry.updated
