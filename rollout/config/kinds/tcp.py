"""``kind = "tcp"``: a port that has to accept connections."""

from __future__ import annotations

from rollout.config import values
from rollout.config.kinds.kind import GateKind, in_a_row
from rollout.config.shapes import Field, Shape
from rollout.model import TcpGate

KIND = GateKind(
    "tcp",
    Shape(
        'kind "tcp"',
        TcpGate,
        (
            Field("address", values.ADDRESS, "Where to connect to, such as `redis:6379`.", required=True),
            Field("timeout", values.SOME_TIME, "How long a connection may take."),
            *in_a_row("Connections in a row that pass.", "Failed ones in a row that fail."),
        ),
    ),
)
