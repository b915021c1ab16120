"""``kind = "http"``: pages that have to answer."""

from __future__ import annotations

from typing import Any

from rollout.config import values
from rollout.config.errors import Unfit
from rollout.config.kinds.kind import GateKind
from rollout.config.shapes import Field, Shape
from rollout.model import HttpProbe

LONGEST_TIMEOUT = 10.0
"""Seconds: the deployment's lock has to be renewed between two requests."""


def _probe(**fields: Any) -> HttpProbe:
    probe = HttpProbe(**fields)
    if probe.method == "HEAD" and probe.expect_body:
        raise Unfit("expects a body, but an answer to HEAD has none")
    if probe.timeout > LONGEST_TIMEOUT:
        raise Unfit(f"has a timeout above {LONGEST_TIMEOUT:g}s: whoever waits so long is gone")
    return probe


KIND = GateKind(
    "http",
    Shape(
        'kind "http"',
        _probe,
        (
            Field("url", values.URL, "The address that has to answer.", required=True),
            Field("method", values.METHOD, "How it is asked; there is no body to send."),
            Field("headers", values.HEADERS, "Header fields to send, such as `Host`."),
            Field("timeout", values.SOME_TIME, "How long an answer may take: 10s at most."),
            Field("expect_status", values.STATUS, "The status that the answer has to have."),
            Field("expect_body", values.REGEX, "What the page has to contain."),
            Field("expect_headers", values.REGEXES, "What the values of its header fields have to contain."),
            Field("error_budget", values.BUDGET, "How many answers may be wrong."),
            Field("p95", values.SLOWEST, "How long all answers but the slowest twentieth may take."),
            Field("rate", values.RATE, "How often it is asked."),
            Field(
                "confidence",
                values.CONFIDENCE,
                "How sure it has to be; the number of requests follows from it.",
            ),
            Field("version_header", values.HEADER_NAME, "The header that tells which release has answered."),
        ),
    ),
    option="probes",
)
