"""Virtual time: sleeping runs whatever was due in the meantime, in order, and costs nothing."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""The time of day at which every simulation begins: a Monday morning."""


@dataclass(order=True)
class Timer:
    """Something that is due at a time; equal times keep the order in which they were set."""

    at: float
    number: int
    act: Callable[[], None] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        """Let it not happen."""
        self.cancelled = True


class SimClock:
    """The port ``Clock`` over virtual time."""

    def __init__(self) -> None:
        self._now = 0.0
        self._due: list[Timer] = []
        self._numbers = itertools.count()

    def now(self) -> float:
        """Seconds since the simulation began."""
        return self._now

    def wall(self) -> datetime:
        """The simulated time of day."""
        return EPOCH + timedelta(seconds=self._now)

    def sleep(self, seconds: float) -> None:
        """Let time pass; what an action raises (see ``Killed``) comes out here."""
        end = self._now + max(0.0, seconds)
        while self._due and self._due[0].at <= end:
            self._run(heapq.heappop(self._due))
        self._now = max(self._now, end)

    def call_at(self, when: float, act: Callable[[], None]) -> Timer:
        """Do something at a time, or as soon as time moves if that is past."""
        timer = Timer(max(when, self._now), next(self._numbers), act)
        heapq.heappush(self._due, timer)
        return timer

    def call_later(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do something after so many seconds."""
        return self.call_at(self._now + seconds, act)

    def _run(self, timer: Timer) -> None:
        if timer.cancelled:
            return
        self._now = max(self._now, timer.at)
        timer.act()
