"""``kind = "prometheus"``: a query whose every value has to keep to a threshold."""

from __future__ import annotations

from rollout.config import values
from rollout.config.kinds.kind import GateKind, in_a_row
from rollout.config.shapes import Field, Shape
from rollout.model import PrometheusGate

KIND = GateKind(
    "prometheus",
    Shape(
        'kind "prometheus"',
        PrometheusGate,
        (
            Field("url", values.URL, "The server, without `/api/v1`.", required=True),
            Field("query", values.TEXT, "The instant query.", required=True),
            Field("operator", values.OPERATOR, "How each of its values is compared.", required=True),
            Field("threshold", values.NUMBER, "What it is compared with.", required=True),
            Field("absence", values.ABSENCE, "What it means that there is no value."),
            Field("headers", values.HEADERS, "Header fields to send, such as `Authorization`."),
            Field("timeout", values.SOME_TIME, "How long an answer may take."),
            *in_a_row("Good results in a row that pass.", "Bad ones in a row that fail."),
        ),
    ),
)
