"""What the images of a deployment bring along, as far as it can be known."""

from __future__ import annotations

from dataclasses import dataclass

from rollout import spec
from rollout.fast_health import ImageChecks
from rollout.model import ImageConfig, Spec
from rollout.ports import Swarm


@dataclass(frozen=True)
class ImageConfigs:
    """What the new image and the present one bring; None where nobody could tell."""

    new: ImageConfig | None
    present: ImageConfig | None

    @property
    def likely(self) -> ImageConfig | None:
        """The best guess: a new image is seldom on the manager before it is deployed."""
        return self.present if self.new is None else self.new

    @property
    def checks(self) -> ImageChecks:
        """Their health checks."""
        return ImageChecks(
            new=self.new.healthcheck if self.new else None,
            present=self.present.healthcheck if self.present else None,
        )


def read(swarm: Swarm, target: Spec, current: Spec) -> ImageConfigs:
    """Ask the manager's engine."""
    new, present = spec.image(target), spec.image(current)
    found = swarm.image_config(new)
    return ImageConfigs(found, found if new == present else swarm.image_config(present))
