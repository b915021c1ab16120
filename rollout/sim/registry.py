"""The registry of the simulation."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rollout.errors import ImageNotFound, RegistryDenied, RegistryUnavailable
from rollout.model import Availability, Image, ImageConfig, Login, Offer
from rollout.sim.clock import SimClock
from rollout.sim.images import Images


class SimRegistry:
    """The port ``Registry``: ``logins`` by repository, and ``denied`` repositories that want others.

    ``login_ends`` is when the logins end; ``platforms`` and ``configs`` (by ``repository:tag``) are what is
    offered where a test has put it there.
    """

    def __init__(self, clock: SimClock, images: Images) -> None:
        self.images = images
        self.logins: dict[str, str] = {}
        self.denied: set[str] = set()
        self.login_ends: datetime | None = None
        self.platforms: tuple[str, ...] = ()
        self.configs: dict[str, ImageConfig] = {}
        self._clock = clock
        self._away_until = 0.0

    @property
    def reachable(self) -> bool:
        """Whether it answers."""
        return self._clock.now() >= self._away_until

    def go_away(self, seconds: float) -> None:
        """Answer nobody for so long."""
        self._away_until = self._clock.now() + seconds

    def resolve(self, image: Image) -> Image:
        """The image with its digest now."""
        if not self.reachable:
            raise RegistryUnavailable(f"the registry of {image} does not answer")
        if image.repository in self.denied:
            raise RegistryDenied(f"the registry of {image} wants other credentials")
        if self.images.find(image) is None:
            raise ImageNotFound(f"the registry has no image {image}", self._others(image))
        return replace(image, digest=self.images.digest(image))

    def _others(self, image: Image) -> str:
        """What there is instead."""
        known = [Image.parse(reference) for reference in self.images]
        tags = [other.tag for other in known if other.repository == image.repository and other.tag]
        return f"it has {', '.join(tags)}" if tags else ""

    def availability(self, image: Image) -> Availability:
        """What it says of the image, asked once."""
        if not self.reachable:
            return Availability.AWAY
        if image.repository in self.denied:
            return Availability.DENIED
        return Availability.THERE if self.images.find(image) else Availability.MISSING

    def opens(self, image: Image) -> Availability:
        """The same."""
        return self.availability(image)

    def offer(self, image: Image) -> Offer:
        """What a test has put there."""
        if self.availability(image) != Availability.THERE:
            return Offer()
        return Offer(self.platforms, self.configs.get(image.tagged))

    def login(self, image: Image) -> Login | None:
        """The caller's login for the image's repository."""
        header = self.logins.get(image.repository)
        return Login(header, self.login_ends) if header else None
