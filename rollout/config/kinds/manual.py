"""``kind = "manual"``: somebody looks, and says so."""

from __future__ import annotations

from rollout.config import values
from rollout.config.kinds.kind import GateKind
from rollout.config.shapes import Field, Shape
from rollout.model import ManualGate

KIND = GateKind(
    "manual",
    Shape(
        'kind "manual"',
        ManualGate,
        (Field("every_step", values.SWITCH, "Wait after every step, and not only after the first."),),
    ),
)
