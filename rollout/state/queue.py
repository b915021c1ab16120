"""Waiting for a lock that somebody holds, and saying now and then for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rollout.ports import Clock

SAID_EVERY = 60.0
"""Seconds: a pipeline that says nothing looks dead."""


@dataclass
class Queue:
    """The wait for a lock, until ``until`` on the clock."""

    clock: Clock
    announce: Callable[[str], None]
    until: float
    awaited: str = ""
    said: float = 0.0

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return max(0.0, self.until - self.clock.now())

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return not self.left

    def tell(self, lock_id: str, sentence: str) -> None:
        """Say who is waited for: when that changes, and again once in a while."""
        now = self.clock.now()
        if lock_id != self.awaited or now - self.said >= SAID_EVERY:
            self.awaited, self.said = lock_id, now
            self.announce(sentence)
