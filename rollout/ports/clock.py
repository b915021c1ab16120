"""Time."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time, so that it can be an argument."""

    def now(self) -> float:
        """Seconds on a clock that only goes forward."""
        ...

    def wall(self) -> datetime:
        """The time of day, UTC, for records."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...
