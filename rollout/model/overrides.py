"""What a deployment puts into the spec where the image lacks it."""

from __future__ import annotations

from dataclasses import dataclass, field

from rollout.model.swarm import Healthcheck


@dataclass(frozen=True)
class Overrides:
    """Fields that are empty change nothing. ``stop_grace_period`` is in seconds, None where it is not set."""

    healthcheck: Healthcheck = field(default_factory=Healthcheck)
    stop_signal: str = ""
    stop_grace_period: float | None = None
