"""The records of one deployment: opened before the first write, closed at the end, or taken back."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.errors import RolloutError
from rollout.events import Note
from rollout.model import OutcomeKind
from rollout.ports import World
from rollout.preparing import Prepared
from rollout.state import record
from rollout.state.holder import Holder
from rollout.state.record import Record, RecordState
from rollout.watching import Watch


@dataclass(frozen=True)
class Bookkeeper:
    """Writes down what a deployment does, for whoever has to take it up again."""

    world: World
    prepared: Prepared
    holder: Holder
    watch: Watch

    def open(self) -> Record:
        """The new record first, then the end of the old one: a crash in between loses neither."""
        records, store = self.prepared.records, self.world.store
        last = records[-1].revision if records else 0
        book = record.open_record(store, self.prepared.plan, self.holder, self.world.clock.wall(), last)
        for old in records:
            if old.open:
                record.close(store, old, RecordState.ABANDONED, f"taken over by {book.revision}")
        record.prune(store, (*records, book))
        return book

    def discard(self, book: Record) -> None:
        """Take a record back: nothing has come of it."""
        self.world.store.remove(book.entry)

    def close(self, book: Record, reached: OutcomeKind, cause: str) -> None:
        """Write down what the service runs now, and the cause if the deployment did not end well."""
        self._end(book, record.end_of(reached), cause)

    def close_unfinished(self, state: RecordState, cause: str = "") -> None:
        """Write the end of an interrupted deployment that has turned out to be done, or was taken back."""
        if self.prepared.unfinished is not None:
            self._end(self.prepared.unfinished, state, cause)

    def _end(self, book: Record, state: RecordState, cause: str) -> None:
        """That this fails does not change how the deployment ended."""
        try:
            record.close(self.world.store, book, state, cause)
        except RolloutError as error:
            sentence = f"the end could not be written into the record: {error.message}"
            self.watch.tell(Note(self.watch.elapsed(), sentence))
