"""``deploy`` and ``resume``: lock → snapshot → preflight → plan → rehearse → execute → hooks → record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from rollout import planning, way_back
from rollout.attending import attended
from rollout.deployment import Deployment
from rollout.errors import RolloutError
from rollout.events import Finished, Note, Planned
from rollout.impact import joined
from rollout.listening import Ears, ears
from rollout.model import Cause, CauseKind, Outcome, OutcomeKind, Plan, PlanKind, Snapshot
from rollout.ports import World
from rollout.preflight.refusal import refuse_errors
from rollout.preparing import Prepared, Request, prepare, prepare_to_abort, prepare_to_resume
from rollout.snapshot import take
from rollout.state import record
from rollout.state.holder import Holder
from rollout.state.lease import Lease
from rollout.underlock import kept, locked
from rollout.watching import Watch

Interrupted = Callable[[], int | None]
Preparation = Callable[[Request, World], Prepared]


def plan(request: Request, world: World) -> Plan:
    """What a deployment would do now. Writes nothing."""
    return prepare(request, world).plan


def deploy(request: Request, world: World, holder: Holder, interrupted: Interrupted) -> Outcome:
    """Deploy under the service's lock; the outcome is also the last event.

    Raises Locked, and Refused and its kin when nothing has been touched.
    """
    return _under_lock(request, world, holder, interrupted, prepare)


def resume(request: Request, world: World, holder: Holder, interrupted: Interrupted) -> Outcome:
    """Take an unfinished deployment up again, to the target that was recorded; else as ``deploy``.

    Raises Refused where nothing is unfinished.
    """
    return _under_lock(request, world, holder, interrupted, prepare_to_resume)


def _under_lock(
    request: Request, world: World, holder: Holder, interrupted: Interrupted, preparation: Preparation
) -> Outcome:
    began = world.clock.now()
    with locked(request, world, holder, began) as lease:
        queued = world.clock.now() - began
        heard = ears(world, request.service.id, lease.entry.id)
        heard.clear()
        attempt = Attempt(request, world, holder, lease, interrupted, began, queued, heard)
        outcome = attempt.run(attempt.prepared(preparation))
        heard.close()
        world.sink.emit(Finished(world.clock.now() - began, outcome))  # now: the engine may be slow to let go
    return outcome


@dataclass(frozen=True)
class Attempt:
    """What stays the same while a deployment holds its lock, though it may be planned anew."""

    request: Request
    world: World
    holder: Holder
    lease: Lease
    interrupted: Interrupted
    began: float
    queued: float
    ears: Ears

    def prepared(self, preparation: Preparation) -> Prepared:
        """What was read and planned, while the lock is kept beside it."""
        return kept(self.lease, self.request, self.world, partial(preparation, self.request, self.world))

    def run(self, prepared: Prepared) -> Outcome:
        """Carry out what was prepared. Raises Refused where the checks do."""
        self._tell_plan(prepared.plan)
        refuse_errors(prepared.plan)
        if prepared.plan.back is not None:
            return self._clear_the_way(prepared)
        if prepared.plan.kind == PlanKind.ABORT:
            outcome = self._take_back(prepared, "its way back was cut off, and is ended now")
            ends_an_undo = prepared.unfinished is not None and prepared.unfinished.before is not None
            return outcome if ends_an_undo else _rolled_back(outcome)
        return self._deploy(prepared)

    def _clear_the_way(self, prepared: Prepared) -> Outcome:
        """Take an unfinished deployment back first; where that fails, or was all that was wanted, it ends."""
        reason = f"taken back for {prepared.plan.new_image} by {self.holder.who}"
        outcome = self._take_back(self.prepared(prepare_to_abort), reason)
        if outcome.kind != OutcomeKind.ABORTED or prepared.plan.kind == PlanKind.ABORT:
            return outcome
        try:
            cleared = self._from_here(prepared)
            self._tell_plan(cleared.plan)
            return _together(outcome, self._deploy(cleared))
        except RolloutError as error:
            return _not_begun(outcome, error)

    def _take_back(self, prepared: Prepared, reason: str) -> Outcome:
        revision = prepared.unfinished.revision if prepared.unfinished else None
        self._note(f"deployment {revision} is unfinished, and goes back first: {reason}")
        watch = self._watch(prepared)
        return way_back.assemble(watch.world, prepared, watch, self.holder, reason).run()

    def _from_here(self, prepared: Prepared) -> Prepared:
        """The same aim, planned from where the way back has led."""
        service = self.world.swarm.service(self.request.service.id)
        snapshot = take(self.world.swarm, service)
        plan = self._replan(prepared.plan, snapshot)
        records = record.history(self.world.store, service.id)
        return replace(prepared, plan=plan, snapshot=snapshot, records=records, unfinished=None)

    def _deploy(self, prepared: Prepared) -> Outcome:
        watch = self._watch(prepared)
        return Deployment(watch.world, prepared, watch, self.holder, self.ears, self._replan).run()

    def _watch(self, prepared: Prepared) -> Watch:
        return Watch(
            attended(self.world, self.lease),
            prepared.snapshot,
            self.lease,
            self.interrupted,
            self.began,
            queued=self.queued,
            halted=self.ears.halt.hears,
        )

    def _replan(self, plan: Plan, snapshot: Snapshot) -> Plan:
        """The plan that leads on from there."""
        return planning.again(plan, snapshot, self.request.strategy(plan.options.strategy))

    def _tell_plan(self, plan: Plan) -> None:
        self.world.sink.emit(Planned(self.world.clock.now() - self.began, plan))

    def _note(self, sentence: str) -> None:
        self.world.sink.emit(Note(self.world.clock.now() - self.began, sentence))


def _together(taken_back: Outcome, outcome: Outcome) -> Outcome:
    """One outcome of both: what users met on the way back counts too."""
    impact = joined(taken_back.impact, outcome.impact)
    hint = "; ".join(filter(None, (outcome.hint, taken_back.hint)))
    seconds = outcome.rollback_seconds
    if outcome.kind == OutcomeKind.REFUSED:  # the service was touched all the same: it went back
        seconds = taken_back.rollback_seconds
    return replace(outcome, impact=impact, hint=hint, rollback_seconds=seconds)


def _not_begun(taken_back: Outcome, error: RolloutError) -> Outcome:
    """The way is clear, and that is all."""
    cause = Cause(CauseKind.ENGINE, error.message)
    return replace(taken_back, kind=OutcomeKind.REFUSED, cause=cause, hint=error.hint)


def _rolled_back(outcome: Outcome) -> Outcome:
    """A rollback that was resumed ends as the one that was cut off would have."""
    if outcome.kind != OutcomeKind.ABORTED:
        return outcome
    cause = Cause(CauseKind.ABORTED, "the release was being taken back when that was cut off")
    return replace(outcome, kind=OutcomeKind.ROLLED_BACK, cause=cause)
