"""What the checks may know."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.model import Options, Order, Snapshot, Spec


@dataclass(frozen=True)
class Facts:
    """``image_has_healthcheck`` is None where nobody could tell."""

    snapshot: Snapshot
    target: Spec
    options: Options
    order: Order
    image_has_healthcheck: bool | None
