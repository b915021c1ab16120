"""``kind = "stable"``: new replicas that have to run without a restart."""

from __future__ import annotations

from rollout.config import values
from rollout.config.kinds.kind import GateKind
from rollout.config.shapes import Field, Shape
from rollout.model import StableGate

KIND = GateKind(
    "stable",
    Shape(
        'kind "stable"',
        StableGate,
        (Field("for", values.SOME_TIME, "How long no new replica restarts.", argument="seconds"),),
    ),
)
