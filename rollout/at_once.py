"""``undo --fast``: lock → record → the recorded spec in one write, as a rollback goes → record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from rollout import planning
from rollout.attending import attended
from rollout.bookkeeping import Bookkeeper
from rollout.conclusion import untouched
from rollout.events import Finished, Planned
from rollout.executor import Ending
from rollout.hints import hint_for
from rollout.hurrying import UnaskedRegistry
from rollout.model import Cause, CauseKind, Outcome, OutcomeKind, PlanKind
from rollout.ports import World
from rollout.preparing import Prepared, Request, prepare
from rollout.rollback import Rollback
from rollout.state.holder import Holder
from rollout.underlock import kept, locked
from rollout.users import Users
from rollout.watching import Watch
from rollout.writing import MustHold, Pen


def undo_at_once(
    request: Request, world: World, holder: Holder, interrupted: Callable[[], int | None]
) -> Outcome:
    """Bring a recorded spec into force in all replicas at once, and verify it; the outcome is the last event.

    For when what runs is broken: no hook, no pre-pull, no smoke test, and no gate before all are replaced.
    """
    began = world.clock.now()
    with locked(request, world, holder, began) as lease:
        queued = world.clock.now() - began
        hurried = replace(world, registry=UnaskedRegistry(world.registry))
        prepared = _restoring(kept(lease, request, world, partial(prepare, request, hurried)))
        world = attended(world, lease)
        world.sink.emit(Planned(world.clock.now() - began, prepared.plan))
        watch = Watch(world, prepared.snapshot, lease, interrupted, began, queued=queued)
        outcome = AtOnce(world, prepared, watch, holder).run()
        world.sink.emit(Finished(world.clock.now() - began, outcome))
    return outcome


def _restoring(prepared: Prepared) -> Prepared:
    """The plan as a way back to what it is after: whoever takes it up again goes nowhere else."""
    if prepared.plan.kind == PlanKind.UNCHANGED:
        return prepared
    return replace(prepared, plan=planning.restoration(prepared.plan))


@dataclass(frozen=True)
class AtOnce:
    """The way back to a recorded spec: a rollback, with the record of a deployment."""

    world: World
    prepared: Prepared
    watch: Watch
    holder: Holder

    def run(self) -> Outcome:
        """Go there, and write down how it ended."""
        if self.prepared.plan.kind == PlanKind.UNCHANGED:
            return self._outcome(Ending(OutcomeKind.UNCHANGED))
        self.prepared.logins.tell(self.world.sink, self.watch.elapsed())
        books = Bookkeeper(self.world, self.prepared, self.holder, self.watch)
        try:
            self.watch.keep()  # from here on a first Ctrl-C changes nothing
            book = books.open()
        except MustHold as stop:
            return self._outcome(Ending(OutcomeKind.REFUSED, stop.cause))
        pen = Pen(self.world.swarm, self.prepared.snapshot.service, self.prepared.logins, self.watch.fence)
        outcome = replace(self._carry_out(pen), revision=book.revision)
        if not pen.written and outcome.kind != OutcomeKind.DEPLOYED:
            books.discard(book)
            return self._outcome(untouched(Ending(outcome.kind, outcome.cause)).ending)
        books.close(book, outcome.kind, outcome)
        return outcome

    def _carry_out(self, pen: Pen) -> Outcome:
        users = Users.of(self.prepared.plan, self.watch)
        users.released()
        rollback = Rollback(self.prepared.plan, self.watch, pen)
        kind, cause = rollback.run(Cause(CauseKind.ABORTED, f"undone at once by {self.holder.who}"))
        users.settled()
        reached = kind == OutcomeKind.ROLLED_BACK
        ending = Ending(OutcomeKind.DEPLOYED) if reached else Ending(kind, cause)
        outcome = self._outcome(ending)
        slots = rollback.plan.slots
        return replace(outcome, impact=users.leave(), slots=slots, replaced=slots if reached else 0)

    def _outcome(self, ending: Ending) -> Outcome:
        plan = self.prepared.plan
        outcome = Outcome(
            kind=ending.kind,
            service=plan.service.name,
            old_image=plan.old_image if plan.kind == PlanKind.UNCHANGED else plan.new_image,
            new_image=plan.new_image if plan.kind == PlanKind.UNCHANGED else plan.old_image,
            seconds=self.watch.worked(),
            slots=plan.slots,
            cause=ending.cause,
        )
        return replace(outcome, hint=hint_for(outcome))
