"""Where images come from."""

from __future__ import annotations

from typing import Protocol

from rollout.model import (
    Availability,
    Image,
    Login,
    Offer,
)


class Registry(Protocol):
    """Where images come from."""

    def resolve(self, image: Image) -> Image:
        """The image with its tag's digest now.

        Raises ImageNotFound, RegistryDenied, RegistryUnavailable.
        """
        ...

    def availability(self, image: Image) -> Availability:
        """What the registry says of the image, asked once and answered within seconds; never raises."""
        ...

    def opens(self, image: Image) -> Availability:
        """Whether the caller's login opens the image; never raises.

        One with which a look-up has just succeeded is not tried again, any other patiently.
        """
        ...

    def offer(self, image: Image) -> Offer:
        """What it has under an image's reference, as far as that can be told within seconds; never raises."""
        ...

    def login(self, image: Image) -> Login | None:
        """The caller's login for the image's registry, if there is one.

        Raises RegistryDenied where one should be there and cannot be had, RegistryUnavailable.
        """
        ...
