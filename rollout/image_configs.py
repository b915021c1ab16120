"""What the images of a deployment bring along, as far as it can be known."""

from __future__ import annotations

from dataclasses import dataclass

from rollout import spec
from rollout.fast_health import ImageChecks
from rollout.model import ImageConfig, Offer, Spec
from rollout.ports import Swarm

LONGEST = 64
"""Letters of a source revision: a SHA-256."""


@dataclass(frozen=True)
class ImageConfigs:
    """What the new image and the present one bring; None where nobody could tell."""

    new: ImageConfig | None
    present: ImageConfig | None

    @property
    def likely(self) -> ImageConfig | None:
        """The best guess, where neither the manager has the new image nor the registry told."""
        return self.present if self.new is None else self.new

    @property
    def sources(self) -> tuple[str, str]:
        """The source revisions of the present and the new image."""
        return source(self.present), source(self.new)

    @property
    def checks(self) -> ImageChecks:
        """Their health checks."""
        return ImageChecks(
            new=self.new.healthcheck if self.new else None,
            present=self.present.healthcheck if self.present else None,
        )


def source(config: ImageConfig | None) -> str:
    """The source revision that an image says it was built from (opencontainers/image-spec annotations.md)."""
    return config.labels.get("org.opencontainers.image.revision", "")[:LONGEST] if config else ""


def read(swarm: Swarm, target: Spec, current: Spec, offer: Offer) -> ImageConfigs:
    """Ask the manager's engine; a new image is seldom there, but its registry may have told."""
    new, present = spec.image(target), spec.image(current)
    found = swarm.image_config(new)
    return ImageConfigs(found or offer.config, found if new == present else swarm.image_config(present))
