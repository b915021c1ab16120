"""What is done beside everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Pending(Protocol[T_co]):
    """Something that is being done beside everything else."""

    def result(self) -> T_co | None:
        """What came of it; None as long as it is not done."""
        ...


class Background(Protocol):
    """Does what would take too long to wait for: the lock's heart has to beat meanwhile."""

    def begin(self, act: Callable[[], T]) -> Pending[T]:
        """Begin it. ``act`` must not raise."""
        ...
