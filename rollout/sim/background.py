"""The port ``Background`` in the simulation: done at once, in no time, so that every run is the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Done(Generic[T]):
    """Something that is done already."""

    given: T

    def result(self) -> T:
        """What came of it."""
        return self.given


class AtOnce:
    """Does what others do beside."""

    def begin(self, act: Callable[[], T]) -> Done[T]:
        """Do it."""
        return Done(act())
