"""``deploy`` and ``resume``: lock → snapshot → preflight → plan → rehearse → execute → hooks → record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rollout import planning
from rollout.bookkeeping import Bookkeeper
from rollout.carrying import Carrying, Replan
from rollout.conclusion import Conclusion, plain, untouched
from rollout.errors import Refused, RehearsalFailed
from rollout.events import Finished, Note, Planned
from rollout.executor import Company, Ending
from rollout.gates import health
from rollout.hints import hint_for
from rollout.listening import Ears, ears
from rollout.measuring import Baselines, measure_baselines
from rollout.model import Outcome, OutcomeKind, Plan, PlanKind, Snapshot
from rollout.oneshot import sidework
from rollout.ports import World
from rollout.preflight.refusal import refuse_errors
from rollout.preparing import Prepared, Request, prepare, prepare_to_resume
from rollout.secrets import without_secrets
from rollout.state.holder import Holder
from rollout.state.milestones import Milestones
from rollout.state.record import RecordState
from rollout.underlock import locked
from rollout.users import Users
from rollout.watching import Lease, Watch
from rollout.writing import MustHold, Pen

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
        heard = ears(world, request.service.id)
        heard.clear()
        attempt = Attempt(request, world, holder, lease, interrupted, began, queued, heard)
        outcome = attempt.run(preparation(request, world))
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

    def run(self, prepared: Prepared) -> Outcome:
        """Carry out what was prepared. Raises Refused where the checks do."""
        self.world.sink.emit(Planned(self.world.clock.now() - self.began, prepared.plan))
        refuse_errors(prepared.plan)
        watch = Watch(
            self.world,
            prepared.snapshot,
            self.lease,
            self.interrupted,
            self.began,
            queued=self.queued,
            halted=self.ears.halt.hears,
        )
        return Deployment(self.world, prepared, watch, self.holder, self.ears, self._replan).run()

    def _replan(self, plan: Plan, snapshot: Snapshot) -> Plan:
        """The plan that leads on from there."""
        return planning.again(plan, snapshot, self.request.strategy(plan.options.strategy))


class Deployment:
    """One deployment that has its lock and its plan."""

    def __init__(
        self,
        world: World,
        prepared: Prepared,
        watch: Watch,
        holder: Holder,
        heard: Ears,
        replan: Replan,
    ) -> None:
        self.world = world
        self.prepared = prepared
        self.plan = prepared.plan
        self.watch = watch
        self.ears = heard
        self.replan = replan
        self.books = Bookkeeper(world, prepared, holder, self.watch)
        self.sidework = sidework.assemble(world, prepared.plan, self.watch, prepared.credentials)

    def run(self) -> Outcome:
        """Carry the plan out, keep the record, say how it ended."""
        self._say_what_was_found()
        self.sidework.clear()
        if self.plan.kind == PlanKind.UNCHANGED:
            self.books.close_unfinished(RecordState.DEPLOYED)
            return self._outcome(plain(Ending(OutcomeKind.UNCHANGED)))
        users = Users.of(self.plan, self.watch)
        try:
            outcome = self._release(users)
        finally:
            impact = users.leave()
        return replace(outcome, impact=impact)

    def _release(self, users: Users) -> Outcome:
        try:
            baselines = self._measure_baselines()
            self._rehearse()
        except (RehearsalFailed, MustHold) as stop:
            return self._outcome(plain(Ending(OutcomeKind.REFUSED, stop.cause)))
        book = self.books.open()
        milestones = Milestones(self.world.store, book)
        if self.plan.watched.slots:
            milestones.reach(self.plan.watched)
        pen, ending = self._execute(Company(baselines, users, self.ears.on, milestones.reach))
        if not pen.written and self.prepared.unfinished is None:
            self.books.discard(book)
            return self._outcome(untouched(ending))
        conclusion = self._follow_up(ending)
        outcome = self._outcome(conclusion, book.revision)
        self.books.close(milestones.book, conclusion.reached, outcome)
        return outcome

    def _say_what_was_found(self) -> None:
        if self.prepared.unfinished is not None:
            revision = self.prepared.unfinished.revision
            done = f"{self.plan.done} of {self.plan.slots} replicas run the target"
            self._note(f"deployment {revision} was interrupted; going on from where it stopped: {done}")

    def _measure_baselines(self) -> Baselines:
        """A probe that fails before the first write could judge nothing afterwards."""
        if self.plan.done or self.plan.kind != PlanKind.RELEASE:
            return Baselines()
        measured = measure_baselines(self.world.prober, self.plan.options.probes, self.watch.keep)
        if measured.failed is not None:
            probe, judgement = measured.failed
            of = f"the probe of {without_secrets(probe.url)}"
            raise Refused(
                f"before anything was touched {of} already fails: {judgement.evidence}",
                "mend the probe or the site; if this release is the cure, name another page: --probe URL",
            )
        return measured

    def _rehearse(self) -> None:
        """Hooks and smoke test before any user meets the release; not where some have met it already.

        No record is open meanwhile, so that that of an interrupted deployment stays the one to go back to.
        """
        if self.plan.kind == PlanKind.RELEASE and not self.plan.done:
            self.sidework.rehearse()

    def _execute(self, company: Company) -> tuple[Pen, Ending]:
        """Carry the plan out; the pen knows whether the service may have been touched."""
        self.watch.forgive(self.world.swarm.tasks(self.plan.service.id))
        pen = Pen(
            self.world.swarm, self.prepared.snapshot.service, self.prepared.credentials, self.watch.fence
        )
        carrying = Carrying(self.plan, self.watch, pen, company, self.replan)
        ending = carrying.run()
        self.plan = carrying.plan
        return pen, ending

    def _follow_up(self, ending: Ending) -> Conclusion:
        """The hooks that follow, and what comes of them."""
        if self.plan.kind != PlanKind.RELEASE:
            return plain(ending)
        if ending.kind == OutcomeKind.ROLLED_BACK:
            return Conclusion(ending, ending.kind, self.sidework.on_rollback())
        cause = self.sidework.after() if ending.kind == OutcomeKind.DEPLOYED else None
        return Conclusion(Ending(OutcomeKind.FAILED, cause) if cause else ending, ending.kind)

    def _outcome(self, conclusion: Conclusion, revision: int | None = None) -> Outcome:
        outcome = Outcome(
            kind=conclusion.ending.kind,
            service=self.plan.service.name,
            old_image=self.plan.old_image,
            new_image=self.plan.new_image,
            seconds=self.watch.worked(),
            paused=self.watch.paused,
            replaced=self._replaced(conclusion.reached),
            slots=self.watch.expected_slots(self.plan),
            cause=conclusion.ending.cause,
            revision=revision,
            rollback_seconds=conclusion.ending.rollback_seconds,
        )
        return replace(outcome, hint="; ".join(filter(None, (hint_for(outcome), *conclusion.missed))))

    def _replaced(self, reached: OutcomeKind) -> int:
        """The slots that this deployment brought over and left on the target."""
        if reached not in {OutcomeKind.DEPLOYED, OutcomeKind.HELD} or self.watch.last is None:
            return 0
        on_target = health.count_done(self.watch.last.slots, self.plan.new_image.digest)
        return max(0, on_target - self.prepared.plan.done)

    def _note(self, sentence: str) -> None:
        self.world.sink.emit(Note(self.watch.elapsed(), sentence))
