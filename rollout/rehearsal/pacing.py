"""How fast a rehearsal goes by, so that a person can follow it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rollout.ports import Clock

PATIENCE = 10.0
"""Real seconds after which it goes by twice as fast, and again after as many more."""


@dataclass(frozen=True)
class Pace:
    """So many times as fast as life, as measured on a real clock."""

    times: float
    real: Clock


class PacedClock:
    """The port ``Clock``: virtual time that takes some real time as well."""

    def __init__(self, virtual: Clock, pace: Pace) -> None:
        self._virtual = virtual
        self._pace = pace
        self._began = pace.real.now()

    def now(self) -> float:
        """Virtual seconds."""
        return self._virtual.now()

    def wall(self) -> datetime:
        """The virtual time of day."""
        return self._virtual.wall()

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass, and as much real time as it takes to be seen."""
        self._virtual.sleep(seconds)
        waited = self._pace.real.now() - self._began
        self._pace.real.sleep(seconds / (self._pace.times * 2 ** (waited // PATIENCE)))
