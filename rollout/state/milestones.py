"""How far the pauses of a deployment are over, as a label of its record: for whoever takes it up again. Pure.

A label of a config is a write of its own, which moves no task (rule 2 of the release protocol is about the
service).
"""

from __future__ import annotations

from rollout.model import Watched
from rollout.state.record import Record

WATCHED = "rollout.watched"
"""As ``1/4``: the pauses are over up to so many of so many slots."""


def labels_of(watched: Watched) -> dict[str, str]:
    """As the record has it."""
    return {WATCHED: f"{watched.upto}/{watched.slots}"}


def watched_of(record: Record) -> Watched:
    """How far a recorded deployment's pauses are over; a label that makes no sense says nothing."""
    upto, _, slots = record.entry.labels.get(WATCHED, "").partition("/")
    if not (upto.isdecimal() and slots.isdecimal() and len(upto) < 7 and len(slots) < 7):
        return Watched()
    return Watched(min(int(upto), int(slots)), int(slots))
