"""``kind = "exec"``: a command on this machine that has to exit with 0."""

from __future__ import annotations

from rollout.config import values
from rollout.config.kinds.kind import GateKind, in_a_row
from rollout.config.shapes import Field, Shape
from rollout.model import ExecGate

KIND = GateKind(
    "exec",
    Shape(
        'kind "exec"',
        ExecGate,
        (
            Field("command", values.COMMAND, "The command; no shell reads it.", required=True),
            Field("timeout", values.SOME_TIME, "How long it may run."),
            *in_a_row("Runs in a row that pass.", "Failed ones in a row that fail."),
        ),
    ),
)
