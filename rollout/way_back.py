"""The way back of one unfinished deployment: to the spec that it began with, verified, hooks and record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollout.bookkeeping import Bookkeeper, missing_gates
from rollout.events import Note
from rollout.hints import hint_for
from rollout.model import Cause, CauseKind, Outcome, OutcomeKind
from rollout.oneshot import sidework
from rollout.oneshot.sidework import Sidework
from rollout.ports import World
from rollout.preparing import Prepared
from rollout.rollback import Rollback
from rollout.state.holder import Holder
from rollout.state.record import RecordState
from rollout.users import Users
from rollout.watching import Watch
from rollout.writing import MustHold, Pen


@dataclass(frozen=True)
class WayBack:
    """Takes back what was prepared; ``sentence`` says by whom and why, for the record."""

    prepared: Prepared
    watch: Watch
    books: Bookkeeper
    sidework: Sidework
    rollback: Rollback
    sentence: str

    def run(self) -> Outcome:
        """Go back, write the end into the deployment's record, say how it ended."""
        try:
            self.watch.keep()  # from here on a first Ctrl-C changes nothing, see Watch.ignore_interrupts
        except MustHold as stop:
            return self._outcome(OutcomeKind.REFUSED, stop.cause)
        self.prepared.logins.tell(self.watch.world.sink, self.watch.elapsed())
        self._say_what_is_not_asked()
        users = Users.of(self.prepared.plan, self.watch)
        try:
            outcome = self._go_back(users)
        finally:
            impact = users.leave()
        return replace(outcome, impact=impact)

    def _say_what_is_not_asked(self) -> None:
        """The way back is verified by the http gates, as far as they are known."""
        missing = [gate for gate in missing_gates(self.prepared) if gate.startswith("http ")]
        if missing:
            sentence = f"the way back is not verified by the gates that it had: {', '.join(missing)}"
            self.watch.tell(Note(self.watch.elapsed(), f"{sentence}; give them as --probe", warning=True))

    def _go_back(self, users: Users) -> Outcome:
        """A way back that did not come to its end leaves the record as it is, for the next try."""
        users.released()
        kind, cause = self.rollback.run(Cause(CauseKind.ABORTED, self.sentence))
        users.settled()
        if kind == OutcomeKind.FAILED:
            self.books.close_unfinished(RecordState.FAILED, cause.sentence)
        if kind != OutcomeKind.ROLLED_BACK:
            return self._outcome(kind, cause)
        if self._restores:
            self.books.close_unfinished(RecordState.DEPLOYED)
            return self._outcome(OutcomeKind.ABORTED, None)
        missed = self.sidework.on_rollback()
        self.books.close_unfinished(RecordState.ROLLED_BACK, self.sentence)
        return self._outcome(OutcomeKind.ABORTED, None, missed)

    @property
    def _restores(self) -> bool:
        """Whether it ends an undo at once: that is where it was going."""
        return self.prepared.unfinished is not None and self.prepared.unfinished.before is not None

    def _outcome(self, kind: OutcomeKind, cause: Cause | None, missed: tuple[str, ...] = ()) -> Outcome:
        plan, unfinished = self.rollback.plan, self.prepared.unfinished
        outcome = Outcome(
            kind=kind,
            service=plan.service.name,
            old_image=plan.old_image,
            new_image=plan.new_image,
            seconds=self.watch.worked(),
            slots=plan.slots,
            cause=cause,
            revision=unfinished.revision if unfinished else None,
            rollback_seconds=self.rollback.seconds,
        )
        return replace(outcome, hint="; ".join(filter(None, (hint_for(outcome), *missed))))


def assemble(world: World, prepared: Prepared, watch: Watch, holder: Holder, sentence: str) -> WayBack:
    """A way back with all its parts."""
    side = sidework.assemble(world, prepared.plan, watch, prepared.logins)
    pen = Pen(world.swarm, prepared.snapshot.service, prepared.logins, watch.fence)
    rollback = Rollback(prepared.plan, watch, pen)
    return WayBack(prepared, watch, Bookkeeper(world, prepared, holder, watch), side, rollback, sentence)
