"""``undo --fast``: lock → record → the recorded spec in one write, as a rollback goes → record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rollout.bookkeeping import Bookkeeper
from rollout.events import Finished, Planned
from rollout.executor import Ending
from rollout.hints import hint_for
from rollout.model import Cause, CauseKind, Outcome, OutcomeKind, Plan, PlanKind
from rollout.ports import World
from rollout.preparing import Prepared, Request, prepare
from rollout.rollback import Rollback
from rollout.state.holder import Holder
from rollout.underlock import locked
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
        prepared = prepare(request, world)
        world.sink.emit(Planned(world.clock.now() - began, prepared.plan))
        watch = Watch(world, prepared.snapshot, lease, interrupted, began, queued=queued)
        outcome = AtOnce(world, prepared, watch, holder).run()
        world.sink.emit(Finished(world.clock.now() - began, outcome))
    return outcome


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
        try:
            self.watch.keep()  # from here on a first Ctrl-C changes nothing
        except MustHold as stop:
            return self._outcome(Ending(OutcomeKind.REFUSED, stop.cause))
        return self._go()

    def _go(self) -> Outcome:
        books = Bookkeeper(self.world, self.prepared, self.holder, self.watch)
        book = books.open()
        outcome = replace(self._carry_out(), revision=book.revision)
        books.close(book, outcome.kind, outcome)
        return outcome

    def _carry_out(self) -> Outcome:
        users = Users.of(self.prepared.plan, self.watch)
        pen = Pen(
            self.world.swarm, self.prepared.snapshot.service, self.prepared.credentials, self.watch.fence
        )
        users.released()
        rollback = Rollback(turned(self.prepared.plan), self.watch, pen)
        kind, cause = rollback.run(Cause(CauseKind.ABORTED, f"undone at once by {self.holder.who}"))
        users.settled()
        reached = OutcomeKind.DEPLOYED if kind == OutcomeKind.ROLLED_BACK else kind
        outcome = self._outcome(Ending(reached, None if reached == OutcomeKind.DEPLOYED else cause))
        return replace(
            outcome, impact=users.leave(), replaced=rollback.plan.slots if not outcome.cause else 0
        )

    def _outcome(self, ending: Ending) -> Outcome:
        plan = self.prepared.plan
        outcome = Outcome(
            kind=ending.kind,
            service=plan.service.name,
            old_image=plan.old_image,
            new_image=plan.new_image,
            seconds=self.watch.worked(),
            slots=plan.slots,
            cause=ending.cause,
        )
        return replace(outcome, hint=hint_for(outcome))


def turned(plan: Plan) -> Plan:
    """The plan as a rollback reads it: what it aims at is where to go back to."""
    return replace(
        plan,
        kind=PlanKind.ABORT,
        baseline=plan.target,
        target=plan.baseline,
        old_image=plan.new_image,
        new_image=plan.old_image,
    )
