"""The engine's own time of day, which need not be the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rollout.sim.clock import EPOCH, SimClock


@dataclass
class EngineClock:
    """``skew`` is by how many seconds the engine is ahead."""

    clock: SimClock
    skew: float = 0.0

    def wall(self) -> datetime:
        """The engine's time of day now."""
        return self.at(self.clock.now())

    def at(self, seconds: float) -> datetime:
        """The engine's time of day at a moment of the simulation."""
        return EPOCH + timedelta(seconds=seconds + self.skew)
