"""What the checks may know."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.model import Healthcheck, Options, Order, Snapshot, Spec


@dataclass(frozen=True)
class Facts:
    """``image_check`` is the HEALTHCHECK that the image brings, None where nobody could tell."""

    snapshot: Snapshot
    target: Spec
    options: Options
    order: Order
    image_check: Healthcheck | None
