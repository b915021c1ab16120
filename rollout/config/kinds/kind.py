"""What a kind of gate is."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.config import values
from rollout.config.shapes import Field, Shape


@dataclass(frozen=True)
class GateKind:
    """A kind of gate: what ``shape`` makes is a member of the tuple ``Options.<option>``."""

    name: str
    shape: Shape
    option: str = "gates"


def in_a_row(successes: str, failures: str) -> tuple[Field, ...]:
    """The fields of a gate that measures again and again."""
    return (
        Field("every", values.SOME_TIME, "The time between two measurements."),
        Field("successes", values.COUNT, successes),
        Field("failures", values.COUNT, failures),
    )
