"""What became of services' credentials: as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.refreshing import Refreshed, Renewal
from rollout.render.fields import Fields, snake
from rollout.render.text import Line, Span, Style, line, safe

_STYLES = {
    Renewal.RENEWED: Style.GOOD,
    Renewal.NO_LOGIN: Style.DIM,
    Renewal.LOCKED: Style.WARN,
    Renewal.LEFT_ALONE: Style.WARN,
}


def refreshed_lines(found: Sequence[Refreshed]) -> list[Line]:
    """A line a service."""
    return [_line(one) for one in found]


def refreshed_json(found: Sequence[Refreshed]) -> Fields:
    """All of them in one object."""
    return {"event": "credentials", "services": [_fields(one) for one in found]}


def _line(one: Refreshed) -> Line:
    hint = f"; {safe(one.hint)}" if one.hint else ""
    told = Span(str(one.renewal), _STYLES[one.renewal])
    return line(Span(safe(one.service), Style.STRONG), ": ", told, f", {safe(one.sentence)}{hint}")


def _fields(one: Refreshed) -> Fields:
    return {
        "service": safe(one.service),
        "result": snake(one.renewal),
        "sentence": safe(one.sentence),
        "hint": safe(one.hint),
    }
