"""The records of one deployment: opened before the first write, closed at the end, or taken back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from rollout import spec
from rollout.diary import Diary
from rollout.errors import Conflict, OutcomeUnknown, RolloutError
from rollout.events import Event, Note
from rollout.gates.names import kept
from rollout.model import Outcome, OutcomeKind, Watched
from rollout.ports import Entry, Store, World
from rollout.preparing import Prepared
from rollout.revisions import of_record
from rollout.state import forgetting, ledger, milestones, record, removal
from rollout.state.holder import Holder
from rollout.state.record import Record, RecordState
from rollout.watching import Watch
from rollout.writing import MustHold

T = TypeVar("T")
TRIES = 3
"""Tries to write down what is known by now: the next step, or the end, tells of it too."""
_ENDS = {
    OutcomeKind.DEPLOYED: RecordState.DEPLOYED,
    OutcomeKind.ROLLED_BACK: RecordState.ROLLED_BACK,
    OutcomeKind.HELD: RecordState.HELD,
    OutcomeKind.FAILED: RecordState.FAILED,
}
"""The state that an outcome leaves behind."""
_OVER = frozenset({OutcomeKind.DEPLOYED, OutcomeKind.ROLLED_BACK})
"""Outcomes with which nothing is left to be done."""


def missing_gates(prepared: Prepared) -> tuple[str, ...]:
    """The gates, by name, that the interrupted deployment had and this one lacks: flags are not recorded."""
    if prepared.unfinished is None:
        return ()
    here = kept(prepared.plan.options)
    return tuple(gate for gate in of_record(prepared.unfinished).gates if gate not in here)


@dataclass
class Book:
    """The record of the deployment under way, with the times of its steps and the pauses that are over."""

    store: Store
    record: Record
    diary: Diary = field(default_factory=Diary)
    watched: Watched = field(default_factory=Watched)

    @property
    def revision(self) -> int:
        """Its number."""
        return self.record.revision

    def hear(self, event: Event) -> None:
        """Write down a step that is done; where that fails, the next one or the end tells of it too."""
        if self.diary.hear(event):
            self._keep()

    def reach(self, watched: Watched) -> None:
        """A pause is over. That it cannot be written fails nothing: a resumption pauses once more."""
        self.watched = watched
        self._keep()

    @property
    def labels(self) -> dict[str, str]:
        """What is known of the deployment by now."""
        return self.diary.labels | (milestones.labels_of(self.watched) if self.watched.slots else {})

    def _keep(self) -> None:
        for _ in range(TRIES):
            try:
                entry = self.store.relabel(self.record.entry, {**self.record.entry.labels, **self.labels})
                self.record = self.record.at(entry)
                return
            except (Conflict, OutcomeUnknown):
                self._read_again()
            except RolloutError:
                return

    def _read_again(self) -> None:
        """After a lost reply the version has moved on; one that is ended or gone is left alone."""
        with suppress(RolloutError):
            found = record.history(self.store, self.record.entry.labels["rollout.service"])
            still = [one for one in found if one.entry.id == self.record.entry.id and one.open]
            self.record = still[0] if still else self.record


@dataclass(frozen=True)
class Bookkeeper:
    """Writes down what a deployment does, for whoever has to take it up again."""

    world: World
    prepared: Prepared
    holder: Holder
    watch: Watch

    def open(self) -> Book:
        """The new record first, then the end of the old ones: a crash in between loses neither.

        Raises MustHold where the lock has been lost by then; of that no record stays.
        """
        records, plan = self.prepared.records, self.prepared.plan
        last = records[-1].revision if records else 0
        gates, now = kept(plan.options), self.world.clock.wall()
        book = Book(
            self.world.store, ledger.open_record(self.world.store, plan, gates, self.holder, now, last)
        )
        try:
            self.watch.fence()
        except (MustHold, RolloutError):
            self.discard(book)
            raise
        for old in records:
            if old.open:
                self._end_old(old, book)
        self.watch.heard = book.hear
        return book

    def _end_old(self, old: Record, book: Book) -> None:
        """Write the end of one that could not do it itself: what is in force tells what became of it."""
        current = self.prepared.snapshot.service.spec
        if spec.same(spec.with_scale_of(old.target, current), current):
            self._end(old, RecordState.DEPLOYED, "", {})
        else:
            self._end(old, RecordState.ABANDONED, f"taken over by {book.revision}", {})

    def discard(self, book: Book) -> None:
        """Take a record back: nothing has come of it."""
        self._try(
            lambda: removal.remove(self.world.store, book.record.entry), "the record could not be taken back"
        )

    def close(self, book: Book, reached: OutcomeKind, outcome: Outcome) -> None:
        """Write down what the service runs now, and how the deployment ended; then clear up."""
        cause = outcome.cause.sentence if outcome.cause else ""
        labels = {**_labels(outcome), **book.labels}
        ended = self._end(book.record, _ENDS[reached], cause, labels)
        if ended is not None and reached in _OVER:
            self._try(lambda: self._clear_up(ended), "old records could not be removed")

    def close_unfinished(self, state: RecordState, cause: str = "") -> None:
        """Write the end of an interrupted deployment that has turned out to be done, or was taken back."""
        if self.prepared.unfinished is not None:
            self._end(self.prepared.unfinished, state, cause, {})

    def _end(self, old: Record, state: RecordState, cause: str, labels: dict[str, str]) -> Entry | None:
        """The record as it is now; None where it could not be ended, or was not ours to end any more."""
        return self._try(
            lambda: ledger.end(self.world.store, old, state, cause, labels),
            "the end could not be written into the record",
        )

    def _clear_up(self, ended: Entry) -> None:
        """Keep as many records as wished, and nothing of services that are long gone."""
        plan, store = self.prepared.plan, self.world.store
        ledger.prune(store, record.history(store, plan.service.id), plan.options.keep)
        there = frozenset(service.id for service in self.world.swarm.services())
        forgetting.forget(store, there, ended.updated)

    def _try(self, act: Callable[[], T | None], otherwise: str) -> T | None:
        """That the books cannot be kept does not change how the deployment ends."""
        try:
            return act()
        except RolloutError as error:
            self.watch.tell(Note(self.watch.elapsed(), f"{otherwise}: {error.message}"))
            return None


def _labels(outcome: Outcome) -> dict[str, str]:
    """An outcome for those who look back, but for its cause: short, since labels are sent with each list."""
    return {
        "rollout.outcome": str(outcome.kind),
        "rollout.seconds": f"{outcome.seconds:.1f}",
        "rollout.paused": f"{outcome.paused:.1f}",
        "rollout.replaced": str(outcome.replaced),
        "rollout.slots": str(outcome.slots),
    }
