"""One-shot tasks as lines of a log: what runs, what it said, how it ended. Pure."""

from __future__ import annotations

from rollout.events import OneShotEnded, OneShotStarted
from rollout.render.text import Line, Span, Style, duration, line, log_line, safe
from rollout.secrets import without_secrets

LOG_LINES = 10
"""So many of the last lines are shown of a task that succeeded."""


def started(event: OneShotStarted) -> Line:
    """What runs."""
    return line(
        Span(safe(event.purpose), Style.STRONG), f": running `{without_secrets(safe(event.command))}`"
    )


def ended(event: OneShotEnded) -> list[Line]:
    """What it said, then how it ended: dimmed if all is well."""
    took = duration(event.seconds)
    if not event.error:
        passed = Span(f"{safe(event.purpose)} passed", Style.GOOD)
        return [*(_said(text, Style.DIM) for text in event.log[-LOG_LINES:]), line(passed, f" after {took}")]
    failed = Span(f"{_named(event)}{safe(event.error)}", Style.BAD)
    return [*(_said(text, Style.PLAIN) for text in event.log), line(failed, f" (after {took})")]


def _named(event: OneShotEnded) -> str:
    """The purpose, where the error does not say it."""
    return "" if event.purpose in event.error else f"{safe(event.purpose)}: "


def _said(text: str, style: Style) -> Line:
    return line(Span("  │ ", Style.DIM), Span(log_line(text), style))
