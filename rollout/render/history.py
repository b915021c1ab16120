"""``rollout history``: past deployments as a table, as aligned lines and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rollout.model import OutcomeKind
from rollout.render.fields import SCHEMA, Fields, image_fields, snake
from rollout.render.names import short
from rollout.render.tables import Cells, aligned, table
from rollout.render.text import Line, Span, Style, duration, safe
from rollout.revisions import Revision
from rollout.secrets import without_secrets

if TYPE_CHECKING:
    from rich.table import Table

_HEAD = ("revision", "when", "image", "who", "outcome", "duration")
_STYLES = {
    str(OutcomeKind.DEPLOYED): Style.GOOD,
    str(OutcomeKind.ROLLED_BACK): Style.BAD,
    str(OutcomeKind.FAILED): Style.ALARM,
    str(OutcomeKind.HELD): Style.WARN,
}


def history_lines(revisions: Sequence[Revision], *, services: bool) -> list[Line]:
    """As aligned lines, for pipes; ``services`` names the service in each."""
    return aligned(*_columns(revisions, services=services))


def history_table(revisions: Sequence[Revision], *, services: bool) -> Table:
    """As a table, for terminals."""
    return table(*_columns(revisions, services=services))


def history_json(revisions: Sequence[Revision]) -> Fields:
    """As one object."""
    return {
        "schema": SCHEMA,
        "event": "history",
        "revisions": [revision_fields(revision) for revision in revisions],
    }


def outcome_of(revision: Revision) -> Span:
    """How it ended in words, or that it has not."""
    if revision.holder:
        return Span(f"under way by {safe(revision.holder)}", Style.NEW)
    if revision.unfinished:
        how = "held" if revision.outcome == OutcomeKind.HELD else "interrupted"
        return Span(f"{how}, unfinished", Style.WARN)
    if not revision.outcome:
        return Span("its end is not on record", Style.DIM)
    return Span(safe(revision.outcome), _STYLES.get(revision.outcome, Style.DIM))


def when(revision: Revision) -> str:
    """When it began."""
    return f"{revision.started:%Y-%m-%d %H:%M} UTC" if revision.started else ""


def revision_fields(revision: Revision) -> Fields:
    """A deployment without its specs."""
    return {
        "service": safe(revision.service),
        "revision": revision.number,
        **image_fields("old", revision.old_image),
        **image_fields("new", revision.new_image),
        "outcome": snake(safe(revision.outcome)) or None,
        "unfinished": revision.unfinished,
        "holder": safe(revision.holder),
        "cause": without_secrets(safe(revision.cause)),
        "started": revision.started.isoformat() if revision.started else None,
        "seconds": revision.seconds,
        "replaced": revision.replaced,
        "slots": revision.slots,
        "who": safe(revision.who),
        "pipeline": safe(revision.pipeline),
        "commit": safe(revision.commit),
        "branch": safe(revision.branch),
        "build": safe(revision.build),
        "stage": safe(revision.stage),
    }


def _columns(revisions: Sequence[Revision], *, services: bool) -> tuple[tuple[str, ...], list[Cells]]:
    if not services:
        return _HEAD, [_cells(revision) for revision in revisions]
    named = [(Span(safe(revision.service), Style.STRONG), *_cells(revision)) for revision in revisions]
    return ("service", *_HEAD), named


def _cells(revision: Revision) -> Cells:
    return (
        Span(str(revision.number), Style.STRONG),
        Span(when(revision)),
        Span(short(revision.new_image)),
        Span(safe(revision.who)),
        outcome_of(revision),
        Span("" if revision.seconds is None else duration(revision.seconds), Style.DIM),
    )
