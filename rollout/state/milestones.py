"""What a deployment has behind it, written into the label of its record while it goes on.

A label of a config is a write of its own, which moves no task (rule 2 of the release protocol is about the
service). Whoever takes the deployment up again reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollout.errors import Conflict, RolloutError
from rollout.model import Watched
from rollout.ports import Store
from rollout.state.record import Record

WATCHED = "rollout.watched"
"""As ``1/4``: the pauses are over up to so many of so many slots."""
TRIES = 3


@dataclass
class Milestones:
    """Of one deployment; ``book`` is its record as it stands now."""

    store: Store
    book: Record

    def reach(self, watched: Watched) -> None:
        """A pause is over. That it cannot be written fails nothing: a resumption pauses once more."""
        value = f"{watched.upto}/{watched.slots}"
        for _ in range(TRIES):
            try:
                return self._write(value)
            except Conflict:
                self._read()
            except RolloutError:
                return None
        return None

    def _write(self, value: str) -> None:
        entry = self.store.relabel(self.book.entry, {**self.book.entry.labels, WATCHED: value})
        self.book = replace(self.book, entry=entry)

    def _read(self) -> None:
        of_service = {"rollout.service": self.book.entry.labels["rollout.service"]}
        found = [entry for entry in self.store.find(of_service) if entry.id == self.book.entry.id]
        self.book = replace(self.book, entry=found[0]) if found else self.book


def watched_of(record: Record) -> Watched:
    """How far a recorded deployment's pauses are over; a label that makes no sense says nothing."""
    upto, _, slots = record.entry.labels.get(WATCHED, "").partition("/")
    if not (upto.isdecimal() and slots.isdecimal() and len(upto) < 7 and len(slots) < 7):
        return Watched()
    return Watched(min(int(upto), int(slots)), int(slots))
