"""A registry is asked while the lock is kept: it may take longer to answer than a lock lasts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from rollout.aside import done_aside
from rollout.errors import RolloutError
from rollout.model import Availability, Image, Login, Offer
from rollout.ports import Background, Clock, Registry, World
from rollout.state.lease import LockLost

T = TypeVar("T")


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
        return done_aside(self.background, self.clock, act, Beating(self.lease).beat)


@dataclass
class Beating:
    """Keeps a lock as long as it is ours."""

    lease: Lease
    ours: bool = True

    def beat(self) -> None:
        """Renew it when it is time to; never raises, and asks no more for one that is lost."""
        if self.ours:
            with suppress(RolloutError):
                self._beat()

    def _beat(self) -> None:
        try:
            self.lease.beat()
        except LockLost:
            self.ours = False
