"""The records of one deployment: opened before the first write, closed at the end, or taken back."""

from __future__ import annotations

from dataclasses import dataclass

from rollout import spec
from rollout.errors import RolloutError
from rollout.events import Note
from rollout.gates.names import kept
from rollout.model import Outcome, OutcomeKind
from rollout.ports import World
from rollout.preparing import Prepared
from rollout.state import record
from rollout.state.holder import Holder
from rollout.state.record import Record, RecordState
from rollout.watching import Watch

_ENDS = {
    OutcomeKind.DEPLOYED: RecordState.DEPLOYED,
    OutcomeKind.ROLLED_BACK: RecordState.ROLLED_BACK,
    OutcomeKind.HELD: RecordState.HELD,
    OutcomeKind.FAILED: RecordState.FAILED,
}
"""The state that an outcome leaves behind."""


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
        plan, now = self.prepared.plan, self.world.clock.wall()
        book = record.open_record(store, plan, kept(plan.options), self.holder, now, last)
        for old in records:
            if old.open:
                self._close_old(old, book)
        record.prune(store, (*records, book), plan.options.keep)
        return book

    def _close_old(self, old: Record, book: Record) -> None:
        """Write the end of one that could not do it itself: what is in force tells what became of it."""
        current = self.prepared.snapshot.service.spec
        if spec.same(spec.with_scale_of(old.target, current), current):
            record.close(self.world.store, old, RecordState.DEPLOYED)
        else:
            record.close(self.world.store, old, RecordState.ABANDONED, f"taken over by {book.revision}")

    def discard(self, book: Record) -> None:
        """Take a record back: nothing has come of it."""
        self.world.store.remove(book.entry)

    def close(self, book: Record, reached: OutcomeKind, outcome: Outcome) -> None:
        """Write down what the service runs now, and how the deployment ended."""
        cause = outcome.cause.sentence if outcome.cause else ""
        self._end(book, _ENDS[reached], cause, _labels(outcome))

    def close_unfinished(self, state: RecordState, cause: str = "") -> None:
        """Write the end of an interrupted deployment that has turned out to be done, or was taken back."""
        if self.prepared.unfinished is not None:
            self._end(self.prepared.unfinished, state, cause, {})

    def _end(self, book: Record, state: RecordState, cause: str, labels: dict[str, str]) -> None:
        """That this fails does not change how the deployment ended."""
        try:
            record.close(self.world.store, book, state, cause, labels)
        except RolloutError as error:
            sentence = f"the end could not be written into the record: {error.message}"
            self.watch.tell(Note(self.watch.elapsed(), sentence))


def _labels(outcome: Outcome) -> dict[str, str]:
    """An outcome for those who look back, but for its cause: short, since labels are sent with each list."""
    return {
        "rollout.outcome": str(outcome.kind),
        "rollout.seconds": f"{outcome.seconds:.1f}",
        "rollout.paused": f"{outcome.paused:.1f}",
        "rollout.replaced": str(outcome.replaced),
    }
