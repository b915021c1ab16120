"""Whether the watcher is well: its loop turns. That the Swarm is away is no reason to restart it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

from rollout.vigil.picture import Picture

PATIENCE = 120.0
"""Seconds: a look at an engine that hangs takes as many time-outs as there are questions."""


@dataclass(frozen=True)
class Health:
    """An answer to ``/healthz``."""

    status: int
    body: bytes


def health_of(picture: Picture, now: float, every: float) -> Health:
    """200 while the loop comes round; ``now`` is on the watcher's clock."""
    silent = max(0.0, now - picture.turned)
    well = silent < 3 * every + PATIENCE
    said = {
        "status": "ok" if well else "stuck",
        "role": str(picture.role),
        "silent_seconds": round(silent, 3),
        "engine": "away" if picture.trouble else "up",
    }
    return Health(200 if well else 503, json.dumps(said).encode() + b"\n")
