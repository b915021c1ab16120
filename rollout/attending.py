"""A registry is asked while the lock is kept: it may take longer to answer than a lock lasts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, Protocol, TypeVar

from rollout.errors import RolloutError
from rollout.model import Availability, Image, Login, Offer
from rollout.ports import Background, Clock, Registry, World
from rollout.state.lease import LockLost

T = TypeVar("T")
LOOK = 0.02
"""Seconds between two looks whether it has answered."""


class Lease(Protocol):
    """The lock as it is needed here."""

    def beat(self) -> None:
        """Renew it when it is time to."""
        ...


def attended(world: World, lease: Lease) -> World:
    """The same world, whose registry may take its time."""
    return replace(world, registry=AttendedRegistry(world.registry, world.background, world.clock, lease))


@dataclass(frozen=True)
class AttendedRegistry:
    """The port ``Registry``: each question is asked beside, while the lock is kept here.

    That the lock is lost meanwhile is found out by whoever means to write next.
    """

    registry: Registry
    background: Background
    clock: Clock
    lease: Lease

    def resolve(self, image: Image) -> Image:
        """The image with its tag's digest now."""
        return self._asked(partial(self.registry.resolve, image))

    def availability(self, image: Image) -> Availability:
        """What the registry says of the image."""
        return self._asked(partial(self.registry.availability, image))

    def opens(self, image: Image) -> Availability:
        """Whether the caller's login opens the image."""
        return self._asked(partial(self.registry.opens, image))

    def offer(self, image: Image) -> Offer:
        """What it has under an image's reference."""
        return self._asked(partial(self.registry.offer, image))

    def login(self, image: Image) -> Login | None:
        """The caller's login for the image's registry."""
        return self._asked(partial(self.registry.login, image))

    def _asked(self, act: Callable[[], T]) -> T:
        pending = self.background.begin(partial(_settled, act))
        ours = True
        while (settled := pending.result()) is None:
            ours = ours and self._beat()
            self.clock.sleep(LOOK)
        return settled.value()

    def _beat(self) -> bool:
        """Whether the lock is still ours, as far as that is known."""
        try:
            self.lease.beat()
        except LockLost:
            return False
        except RolloutError:
            return True
        return True


@dataclass(frozen=True)
class Settled(Generic[T]):
    """What came of a question: an answer or an error."""

    answers: tuple[T, ...] = ()
    error: Exception | None = None

    def value(self) -> T:
        """The answer. Raises the error."""
        if self.error is not None:
            raise self.error
        return self.answers[0]


def _settled(act: Callable[[], T]) -> Settled[T]:
    try:
        return Settled((act(),))
    except Exception as error:
        return Settled(error=error)
