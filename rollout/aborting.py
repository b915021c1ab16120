"""The use case ``abort``: lock → what is unfinished → back to its baseline, verified → hooks → record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from rollout.bookkeeping import Bookkeeper, missing_gates
from rollout.errors import Locked
from rollout.events import Finished, Note, Planned
from rollout.hints import hint_for
from rollout.model import Cause, CauseKind, Outcome, OutcomeKind
from rollout.oneshot import sidework
from rollout.oneshot.sidework import Sidework
from rollout.ports import World
from rollout.preparing import Prepared, Request, prepare_to_abort
from rollout.rollback import Rollback
from rollout.state import halt, lock
from rollout.state.halt import Halts
from rollout.state.holder import Holder
from rollout.state.record import RecordState
from rollout.underlock import kept, locked
from rollout.users import Users
from rollout.watching import Watch
from rollout.writing import MustHold, Pen


def abort(request: Request, world: World, holder: Holder, interrupted: Callable[[], int | None]) -> Outcome:
    """End an unfinished deployment at its baseline; the outcome is also the last event.

    Somebody who is at work on it is asked to hold, and waited for. Raises Locked if they do not let go, and
    Refused where nothing is unfinished.
    """
    began = world.clock.now()
    with _after_a_halt(request, world, holder) as request, locked(request, world, holder, began) as lease:
        queued = world.clock.now() - began
        Halts(world.store, request.service.id, lease.entry.id).clear()
        prepared = kept(lease, request, world, partial(prepare_to_abort, request, world))
        world.sink.emit(Planned(world.clock.now() - began, prepared.plan))
        watch = Watch(world, prepared.snapshot, lease, interrupted, began, queued=queued)
        outcome = _abort(world, prepared, watch, holder)
        world.sink.emit(Finished(world.clock.now() - began, outcome))  # now: the engine may be slow to let go
    return outcome


@contextmanager
def _after_a_halt(request: Request, world: World, holder: Holder) -> Iterator[Request]:
    """Ask whoever is at work to let go, and be patient enough for that; take it back if that was in vain."""
    at_work = lock.held(world.store, request.service.id)
    if not at_work:
        yield request
        return
    halts = Halts(world.store, request.service.id, at_work[0].id)
    halts.ask(holder.who)
    try:
        yield replace(request, wait=max(request.wait, halt.PATIENCE))
    except Locked:
        halts.take()
        raise


def _abort(world: World, prepared: Prepared, watch: Watch, holder: Holder) -> Outcome:
    side = sidework.assemble(world, prepared.plan, watch, prepared.credentials)
    pen = Pen(world.swarm, prepared.snapshot.service, prepared.credentials, watch.fence)
    rollback = Rollback(prepared.plan, watch, pen)
    return Abort(prepared, watch, Bookkeeper(world, prepared, holder, watch), side, rollback).run()


@dataclass(frozen=True)
class Abort:
    """The way back of one unfinished deployment."""

    prepared: Prepared
    watch: Watch
    books: Bookkeeper
    sidework: Sidework
    rollback: Rollback

    def run(self) -> Outcome:
        """Go back, write the end into the deployment's record, say how it ended.

        Once it has begun a first Ctrl-C changes nothing, see Watch.ignore_interrupts.
        """
        try:
            self.watch.keep()
        except MustHold as stop:
            return self._outcome(OutcomeKind.REFUSED, stop.cause)
        self._say_what_is_not_asked()
        self.sidework.clear()
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
        sentence = f"aborted by {self.books.holder.who}"
        users.released()
        kind, cause = self.rollback.run(Cause(CauseKind.ABORTED, sentence))
        users.settled()
        if kind != OutcomeKind.ROLLED_BACK:
            return self._outcome(kind, cause)
        missed = self.sidework.on_rollback()
        self.books.close_unfinished(RecordState.ROLLED_BACK, sentence)
        return self._outcome(OutcomeKind.ABORTED, None, missed)

    def _outcome(self, kind: OutcomeKind, cause: Cause | None, missed: tuple[str, ...] = ()) -> Outcome:
        plan, unfinished = self.prepared.plan, self.prepared.unfinished
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
