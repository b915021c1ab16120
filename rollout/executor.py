"""Carries out a plan: release a batch, prove it, go on; take everything back when the release is bad.

Swarm's own updater does the replacing. Each release is one write whose updater replaces so many slots and
then sleeps for a month, so that nothing moves on its own, also when this process is dead.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rollout import spec
from rollout.errors import RolloutError
from rollout.events import ReleaseFailed, StepPassed, StepStarted
from rollout.gates import health
from rollout.gates.health import Expectation
from rollout.model import Cause, CauseKind, OnFailure, OutcomeKind, Plan, Slot, Step
from rollout.proving import BadRelease, Proving
from rollout.rollback import Rollback
from rollout.watching import Watch
from rollout.writing import MustHold, Pen


class Phase(StrEnum):
    """Where a deployment is; the order of the members is the order of a good one."""

    RELEASING = "releasing"
    BAKING = "baking"
    FINISHING = "finishing"
    ROLLING_BACK = "rolling back"
    ENDED = "ended"


@dataclass(frozen=True)
class Ending:
    """How the carrying out of a plan ended."""

    kind: OutcomeKind
    cause: Cause | None = None


@dataclass
class Executor:
    """One deployment under way."""

    plan: Plan
    watch: Watch
    pen: Pen
    proving: Proving
    rollback: Rollback
    phase: Phase = Phase.RELEASING

    def run(self) -> Ending:
        """Carry the plan out and say how it ended; whatever goes wrong becomes an ending with its cause."""
        try:
            return self._deploy()
        except BadRelease as bad:
            return self._answer(bad.cause)
        except MustHold as hold:
            return self._hold(hold.cause)
        except RolloutError as error:
            return self._hold(Cause(CauseKind.ENGINE, error.message))

    def _deploy(self) -> Ending:
        for number, step in enumerate(self.plan.steps, start=1):
            self._carry_out(number, step)
        self.phase = Phase.BAKING
        if self.plan.steps:
            self.proving.bake(self._wish(self.plan.slots))
        self.phase = Phase.FINISHING
        self.pen.write(self.plan.target)
        return self._end(OutcomeKind.DEPLOYED)

    def _carry_out(self, number: int, step: Step) -> None:
        """Release what the step still lacks, then prove it; once more if Swarm has released too few."""
        while not self._try(number, step):
            pass
        done = health.count_done(self.watch.look().slots, self.plan.new_image.digest)
        self.watch.tell(StepPassed(self.watch.elapsed(), number, len(self.plan.steps), done, self.plan.slots))

    def _try(self, number: int, step: Step) -> bool:
        """A step that finds its slots released already only proves them."""
        touched = self._touched(self._when_quiet())
        missing = max(0, step.upto - touched)
        self.watch.tell(StepStarted(self.watch.elapsed(), number, len(self.plan.steps), missing, step.upto))
        if missing:
            self._release(missing)
        return self.proving.prove(self._wish(step.upto), exposed=missing or touched)

    def _release(self, slots: int) -> None:
        number = (spec.release_number(self.pen.expected.spec) or 0) + 1
        self.pen.write(spec.released(self.plan.target, slots, self.plan.order, number))

    def _touched(self, slots: tuple[Slot, ...]) -> int:
        on_target = spec.same_work(self.pen.expected.spec, self.plan.target)
        return sum(slot.touched for slot in slots) if on_target else 0

    def _when_quiet(self) -> tuple[Slot, ...]:
        """Wait until nothing is being replaced (rule 1 of the release protocol)."""
        limit = self.watch.world.clock.now() + self.plan.options.start_timeout
        while True:
            view = self.watch.look()
            if all(slot.quiet for slot in view.slots):
                return view.slots
            if view.at > limit:
                raise MustHold(Cause(CauseKind.NOT_QUIET, "the service does not come to rest"))
            self.watch.rest()

    def _wish(self, upto: int) -> Expectation:
        slots = self.watch.expected_slots(self.plan)
        return Expectation(upto, slots, self.plan.new_image.digest, self.plan.options.start_timeout)

    def _answer(self, cause: Cause) -> Ending:
        """A bad release: back to the baseline, or stand still for a person to look at it."""
        self.watch.tell(ReleaseFailed(self.watch.elapsed(), cause))
        if self.plan.options.on_failure == OnFailure.HOLD:
            return self._end(OutcomeKind.HELD, cause)
        self.phase = Phase.ROLLING_BACK
        return self._end(*self.rollback.run(cause))

    def _hold(self, cause: Cause) -> Ending:
        return self._end(OutcomeKind.HELD, cause)

    def _end(self, kind: OutcomeKind, cause: Cause | None = None) -> Ending:
        self.phase = Phase.ENDED
        return Ending(kind, cause)


def assemble(plan: Plan, watch: Watch, pen: Pen) -> Executor:
    """An executor with all its parts."""
    proving = Proving(watch.world, plan, watch)
    return Executor(plan, watch, pen, proving, Rollback(plan, watch, pen, proving))
