"""What came of a message, for whoever sent it as a test. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.notify.delivery import Report
from rollout.render.fields import Fields
from rollout.render.text import Line, Span, Style, line, safe


def reports_lines(reports: Sequence[Report]) -> list[Line]:
    """One line a channel."""
    return [_line(report) for report in reports]


def reports_json(reports: Sequence[Report]) -> Fields:
    """The same for programs."""
    channels = [
        {"channel": safe(report.channel), "delivered": not report.error, "error": safe(report.error)}
        for report in reports
    ]
    return {"event": "notify_test", "channels": channels}


def _line(report: Report) -> Line:
    name = safe(report.channel)
    if report.error:
        return line(Span("✗", Style.BAD), f" {name}: not delivered: {safe(report.error)}")
    return line(Span("✓", Style.GOOD), f" {name}: delivered")
