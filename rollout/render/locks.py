"""``rollout lock show``: who is at work, as aligned lines and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rollout.render.fields import SCHEMA, Fields
from rollout.render.tables import aligned
from rollout.render.text import Line, Span, Style, age, line, safe


@dataclass(frozen=True)
class LockLine:
    """A lock; ``silent`` are the seconds since its holder's last sign of life, ``state`` is in words."""

    service: str
    who: str
    pipeline: str
    since: str
    silent: float
    state: str


_HEAD = ("service", "holder", "since", "last heard", "state", "pipeline")
_STYLES = {"held": Style.NEW, "silent": Style.WARN, "expired": Style.BAD}


def locks_lines(locks: Sequence[LockLine]) -> list[Line]:
    """The locks for a person."""
    if not locks:
        return [line("nobody is deploying")]
    return aligned(_HEAD, [_cells(lock) for lock in locks])


def _cells(lock: LockLine) -> tuple[Span, ...]:
    return (
        Span(safe(lock.service), Style.STRONG),
        Span(safe(lock.who)),
        Span(safe(lock.since)),
        Span(f"{age(lock.silent)} ago", Style.DIM),
        Span(lock.state, _STYLES.get(lock.state, Style.PLAIN)),
        Span(safe(lock.pipeline)),
    )


def locks_json(locks: Sequence[LockLine]) -> Fields:
    """The locks as one object."""
    return {"schema": SCHEMA, "event": "locks", "locks": [_fields(lock) for lock in locks]}


def _fields(lock: LockLine) -> Fields:
    return {
        "service": safe(lock.service),
        "holder": safe(lock.who),
        "pipeline": safe(lock.pipeline),
        "since": safe(lock.since),
        "silent_seconds": round(lock.silent, 3),
        "state": lock.state,
    }
