"""A registry for somebody in a hurry: nothing is looked up, and nobody is waited for."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.model import Availability, Image, Login, Offer
from rollout.ports import Registry


@dataclass(frozen=True)
class UnaskedRegistry:
    """The port ``Registry``: the nodes may have the image still. The caller's login goes along untried."""

    registry: Registry

    def resolve(self, image: Image) -> Image:
        """The image as it was recorded, digest included."""
        return image

    def availability(self, image: Image) -> Availability:  # noqa: ARG002 - see the class
        """Not known."""
        return Availability.UNASKED

    def opens(self, image: Image) -> Availability:  # noqa: ARG002 - see the class
        """Taken for granted."""
        return Availability.THERE

    def offer(self, image: Image) -> Offer:  # noqa: ARG002 - see the class
        """Not known."""
        return Offer()

    def login(self, image: Image) -> Login | None:
        """The caller's login, where there is one at hand."""
        return self.registry.login(image)
