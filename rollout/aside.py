"""Something that may take long, done in another thread, while something else has to be done all the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from rollout.ports import Background, Clock

T = TypeVar("T")
LOOK_EVERY = 0.02
"""Seconds between two looks whether it is done."""


@dataclass(frozen=True)
class Ended(Generic[T]):
    """How something ended that was done in another thread."""

    given: tuple[T, ...]
    error: BaseException | None = None

    def told(self) -> T:
        """What it gave. Raises what it raised."""
        if self.error is not None:
            raise self.error
        return self.given[0]


def done_aside(
    background: Background, clock: Clock, act: Callable[[], T], meanwhile: Callable[[], None]
) -> T:
    """What ``act`` gives; ``meanwhile`` is done here until then. Raises what either of them raises."""
    pending = background.begin(partial(ended, act))
    while (end := pending.result()) is None:
        meanwhile()
        clock.sleep(LOOK_EVERY)
    return end.told()


def ended(act: Callable[[], T]) -> Ended[T]:
    """Do it; never raises."""
    try:
        return Ended((act(),))
    except BaseException as error:
        return Ended((), error)
