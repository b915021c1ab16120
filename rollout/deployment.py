"""One deployment that has its lock and its plan: hooks, smoke test, release, record and outcome."""

from __future__ import annotations

from dataclasses import replace

from rollout.bookkeeping import Bookkeeper, missing_gates
from rollout.carrying import Carrying, Replan
from rollout.conclusion import Conclusion, plain, untouched
from rollout.errors import Refused, RehearsalFailed
from rollout.events import Note
from rollout.executor import Company, Ending
from rollout.gates import health
from rollout.hints import hint_for
from rollout.listening import Ears
from rollout.measuring import Baselines, measure_baselines
from rollout.model import Outcome, OutcomeKind, PlanKind
from rollout.oneshot import sidework
from rollout.ports import World
from rollout.preparing import Prepared
from rollout.secrets import without_secrets
from rollout.state.holder import Holder
from rollout.state.record import RecordState
from rollout.users import Users
from rollout.watching import Watch
from rollout.writing import MustHold, Pen


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
        self.sidework = sidework.assemble(world, prepared.plan, self.watch, prepared.logins)

    def run(self) -> Outcome:
        """Carry the plan out, keep the record, say how it ended."""
        self._say_what_was_found()
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
        self.prepared.logins.tell(self.world.sink, self.watch.elapsed())
        try:
            baselines = self._measure_baselines()
            self._rehearse()
            book = self.books.open()
        except (RehearsalFailed, MustHold) as stop:
            return self._outcome(plain(Ending(OutcomeKind.REFUSED, stop.cause)))
        if self.plan.watched.slots:
            book.reach(self.plan.watched)
        pen, ending = self._execute(Company(baselines, users, self.ears.on, book.reach))
        if not pen.written and self.prepared.unfinished is None:
            self.books.discard(book)
            return self._outcome(untouched(ending))
        conclusion = self._follow_up(ending)
        outcome = self._outcome(conclusion, book.revision)
        self.books.close(book, conclusion.reached, outcome)
        return outcome

    def _say_what_was_found(self) -> None:
        if self.prepared.unfinished is not None:
            revision = self.prepared.unfinished.revision
            done = f"{self.plan.done} of {self.plan.slots} replicas run the target"
            self._note(f"deployment {revision} was interrupted; going on from where it stopped: {done}")
        missing = missing_gates(self.prepared)
        if missing:
            sentence = f"without the gates that it had: {', '.join(missing)}; give them again, as flags"
            self.watch.tell(Note(self.watch.elapsed(), sentence, warning=True))

    def _measure_baselines(self) -> Baselines:
        """A probe that fails before the first write could judge nothing afterwards."""
        if self.plan.done or self.plan.kind != PlanKind.RELEASE:
            return Baselines()
        measured = measure_baselines(self.world.prober, self.plan.options.probes, self.watch.keep)
        if measured.failed is not None:
            probe, judgement = measured.failed
            of = f"the probe of {without_secrets(probe.url)}"
            fast = f"rollout undo {self.plan.service.name} --fast"
            raise Refused(
                f"before anything was touched {of} already fails: {judgement.evidence}",
                "mend the probe or the site; if this release is the cure, name another page: --probe URL; "
                f"`{fast}` goes back at once, whatever the site answers",
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
        pen = Pen(self.world.swarm, self.prepared.snapshot.service, self.prepared.logins, self.watch.fence)
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
