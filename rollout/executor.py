"""Carries out a plan: release a batch, prove it, go on; take everything back when the release is bad.

Swarm's own updater does the replacing. Each release is one write whose updater replaces so many slots and
then sleeps for a month, so that nothing moves on its own, also when this process is dead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rollout import pacing, spec
from rollout.diagnosis import Diagnosis
from rollout.errors import NotFound, RolloutError
from rollout.events import Note, ReleaseFailed, StepPassed, StepStarted
from rollout.gates import health
from rollout.gates.health import Expectation
from rollout.listening import Ear
from rollout.measuring import Assembly, Baselines
from rollout.model import (
    Cause,
    CauseKind,
    OnFailure,
    OnInterrupt,
    OnStuck,
    OutcomeKind,
    Plan,
    Slot,
    Step,
    Watched,
)
from rollout.pausing import Pausing
from rollout.proving import BadRelease, Proving, Stuck
from rollout.rollback import Rollback
from rollout.users import Users
from rollout.watching import STALL, View, Watch
from rollout.writing import MustHold, Pen, removed


@dataclass(frozen=True)
class Ending:
    """How the carrying out of a plan ended, and how long a rollback took, where there was one."""

    kind: OutcomeKind
    cause: Cause | None = None
    rollback_seconds: float | None = None


@dataclass
class Executor:
    """One deployment under way."""

    plan: Plan
    watch: Watch
    pen: Pen
    proving: Proving
    pausing: Pausing
    rollback: Rollback
    users: Users

    def run(self) -> Ending:
        """Carry the plan out and say how it ended; whatever goes wrong becomes an ending with its cause.

        Raises Rescaled where somebody has scaled the service: then it has to be planned anew.
        """
        self.watch.guard = self.pen.check
        try:
            return self._judged()
        except MustHold as hold:
            return self._stop(hold.cause)
        except NotFound:
            return Ending(OutcomeKind.FAILED, removed())
        except RolloutError as error:
            return Ending(OutcomeKind.HELD, Cause(CauseKind.ENGINE, error.message))

    def _judged(self) -> Ending:
        """Before anything is held against the release: what someone else has done may explain it."""
        try:
            return self._deploy()
        except BadRelease as bad:
            self.pen.check()
            return self._answer(bad.cause)
        except Stuck as stuck:
            self.pen.check()
            return self._give_up(stuck.cause)

    def _deploy(self) -> Ending:
        self.users.released()
        for number, step in enumerate(self.plan.steps, start=1):
            self._carry_out(number, step)
        self._catch_up()
        self.users.settled()
        if self.plan.steps:
            self.proving.bake(self._wish(self.watch.expected_slots(self.plan)))
        self._catch_up()
        self.pen.write(self.plan.target)
        return Ending(OutcomeKind.DEPLOYED)

    def _catch_up(self) -> None:
        """Release what the plan could not know of: the last write would move it at once, asking no gate.

        In global mode that is the old release on a node that joined before the first release.
        """
        while self.plan.steps and (late := self._late()):
            self.watch.tell(Note(self.watch.elapsed(), f"a node has joined, and {late} more to release"))
            upto = self._touched(self.watch.look_at_all().slots) + self.plan.at_once
            step = Step(upto=min(upto, self.watch.expected_slots(self.plan)))
            self._carry_out(len(self.plan.steps), step)

    def _late(self) -> int:
        """The slots that have not been released."""
        slots = self.watch.look().slots
        return len(slots) - self._touched(slots)

    def _carry_out(self, number: int, step: Step) -> None:
        """Release what the step still lacks, then prove it; once more if Swarm has released too few."""
        inherited = number == 1 and step.upto <= self.plan.done
        if not (inherited and self._prove_inherited(step)):
            while not self._try(number, step):
                pass
        done = health.count_serving(self.watch.look().slots, self.plan.new_image.digest)
        slots = self.watch.expected_slots(self.plan)
        self.watch.tell(StepPassed(self.watch.elapsed(), number, len(self.plan.steps), done, slots))
        if step.hold is not None:
            self.pausing.pause(step.hold, self._wish(step.upto))

    def _prove_inherited(self, step: Step) -> bool:
        """Prove what an interrupted deployment has released, as it is: a bad one may never come to rest."""
        self.watch.tell(StepStarted(self.watch.elapsed(), 1, len(self.plan.steps), 0, step.upto))
        return self.proving.prove(self._wish(step.upto), exposed=step.upto, number=1)

    def _try(self, number: int, step: Step) -> bool:
        """Once nothing is being replaced, release the slots that are lacking, and prove them all."""
        slots = self._when_quiet()
        touched = self._touched(slots)
        missing = self._missing(slots, touched, step)
        self.watch.tell(StepStarted(self.watch.elapsed(), number, len(self.plan.steps), missing, step.upto))
        if missing:
            self._release(missing)
        return self.proving.prove(self._wish(step.upto), exposed=missing or touched, number=number)

    def _missing(self, slots: tuple[Slot, ...], touched: int, step: Step) -> int:
        """The slots that a write has to reach: those that are lacking, or where the old task is left over.

        Those are left alone until all slots are released: before, the write may reach others instead.
        """
        left_over = sum(slot.doubled for slot in slots) if step.upto >= self.plan.slots else 0
        return max(0, step.upto - touched) or left_over

    def _release(self, slots: int) -> None:
        """The service's version, which only grows, is the release's mark."""
        before = self.pen.expected
        number = (pacing.release_number(before.spec) or 0) + 1
        wanted = pacing.released(self.plan.target, slots, self.plan.order, number)
        mark = str(before.version)
        self.pen.write(pacing.marked(wanted, mark))
        same_work = spec.same_work(before.spec, self.plan.target)
        self.watch.lookout.released(mark, same_work=same_work)

    def _touched(self, slots: tuple[Slot, ...]) -> int:
        on_target = spec.same_work(self.pen.expected.spec, self.plan.target)
        return sum(slot.touched for slot in slots) if on_target else 0

    def _when_quiet(self) -> tuple[Slot, ...]:
        """Wait until nothing is being replaced (rule 1 of the release protocol)."""
        begun = self.watch.world.clock.now()
        limit = begun + self.plan.options.progress_timeout
        while True:
            view = self.watch.look_at_all()
            if _at_rest(view, view.at - begun):
                return view.slots
            if view.at > limit:
                raise Stuck(Cause(CauseKind.NOT_QUIET, "the service does not come to rest"))
            self.watch.rest()

    def _wish(self, upto: int) -> Expectation:
        slots = self.watch.expected_slots(self.plan)
        return Expectation(upto, slots, self.plan.new_image.digest, self.plan.options.start_timeout)

    def _answer(self, cause: Cause) -> Ending:
        """A bad release: back to the baseline, or stand still for a person to look at it."""
        self.watch.tell(ReleaseFailed(self.watch.elapsed(), cause))
        if self.plan.options.on_failure == OnFailure.HOLD:
            return Ending(OutcomeKind.HELD, cause)
        return self._roll_back(cause)

    def _give_up(self, cause: Cause) -> Ending:
        """It cannot go on, but the release may be good: it stays where it is, unless wished otherwise.

        A gate that finds nothing out is never a reason to take anything back.
        """
        self.watch.tell(Note(self.watch.elapsed(), f"giving up: {cause.sentence}", warning=True))
        unknown = cause.kind == CauseKind.INCONCLUSIVE
        if unknown or self.plan.options.on_stuck == OnStuck.HOLD:
            return Ending(OutcomeKind.HELD, cause)
        return self._roll_back(cause)

    def _roll_back(self, cause: Cause) -> Ending:
        """Back to the baseline; where the baseline is the release itself, no way back is known."""
        if spec.same_work(self.plan.baseline, self.plan.target):
            sentence = f"{cause.sentence}; no way back is known, since this release is what was there before"
            return Ending(OutcomeKind.HELD, replace(cause, sentence=sentence))
        kind, found = self.rollback.run(cause)
        self.users.settled()
        return Ending(kind, found, self.rollback.seconds)

    def _stop(self, cause: Cause) -> Ending:
        """Stand still; a person who stops it may have wished to go back instead."""
        wished = self.plan.options.on_interrupt
        if cause.kind == CauseKind.INTERRUPTED and wished == OnInterrupt.ROLLBACK:
            return self._roll_back(cause)
        return Ending(OutcomeKind.HELD, cause)


def _at_rest(view: View, waited: float) -> bool:
    """Whether nothing is being replaced: old and new side by side are no motion if they stay so."""
    return all(slot.quiet or (slot.doubled and waited > STALL) for slot in view.slots)


@dataclass(frozen=True)
class Company:
    """Who goes along with a deployment, however often it is planned anew.

    ``remember`` is told whenever a pause of the plan is over.
    """

    baselines: Baselines
    users: Users
    ear: Ear
    remember: Callable[[Watched], None]


def assemble(plan: Plan, watch: Watch, pen: Pen, company: Company) -> Executor:
    """An executor with all its parts."""
    world = watch.world
    assembly = Assembly(world, plan, watch, company.baselines, company.ear)
    proving = Proving(world, plan, watch, assembly, Diagnosis(world, plan, watch))
    pausing = Pausing(watch, proving, company.ear, company.remember)
    return Executor(plan, watch, pen, proving, pausing, Rollback(plan, watch, pen), company.users)
