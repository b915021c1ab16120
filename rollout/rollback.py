"""Back to the baseline: one write that replaces every slot the release has touched, then wait and verify.

A rollback is never rolled back: if it fails, it says so loudly and leaves the service to a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollout import pacing, planning, spec
from rollout.errors import NotFound, RolloutError
from rollout.events import Note, RollbackStarted, RolledBack
from rollout.gates import health
from rollout.gates.health import Expectation
from rollout.measuring import judge_restored
from rollout.model import Cause, CauseKind, Order, OutcomeKind, Plan, Verdict
from rollout.returning import order_for, parallelism, rounds
from rollout.secrets import without_secrets
from rollout.watching import STALL, View, Watch
from rollout.writing import MustHold, Pen, Rescaled, removed

VERIFY = 30.0
"""Seconds for the gates to pass again once the baseline runs everywhere."""


class NotRestored(Exception):
    """The baseline did not come back."""


@dataclass
class Rollback:
    """Takes a release back."""

    plan: Plan
    watch: Watch
    pen: Pen
    seconds: float | None = None
    begun: float | None = None

    def run(self, cause: Cause) -> tuple[OutcomeKind, Cause]:
        """Roll back and verify; the outcome, with the release's cause or that of the rollback's failure."""
        self.watch.ignore_interrupts()
        self.watch.lookout.forget()
        self.watch.guard = self.pen.check
        try:
            self._restore_at_any_scale(cause)
        except MustHold as hold:
            return OutcomeKind.HELD, hold.cause
        except NotFound:
            return OutcomeKind.FAILED, removed()
        except (NotRestored, RolloutError) as failure:
            return OutcomeKind.FAILED, _loud(cause, str(failure))
        return OutcomeKind.ROLLED_BACK, cause

    def _restore_at_any_scale(self, cause: Cause) -> None:
        """Scaling on the way back is honoured: it goes on with the replicas that are wanted now."""
        while True:
            try:
                return self._restore(cause)
            except Rescaled as scaled:
                self.watch.tell(Note(self.watch.elapsed(), f"{scaled}: going back with that"))
                self.pen.expected = scaled.service
                self.plan = planning.at_scale_of(self.plan, scaled.service.spec)

    def _restore(self, cause: Cause) -> None:
        if spec.same(self.pen.expected.spec, self.plan.baseline) and not self._behind():
            return
        touched = self._touched()
        order = order_for(cause, self.plan, touched)
        begun = self._begin(touched)
        if not self._is_on_its_way():
            self._write(touched, order)
        self._wait(order, self.plan.options.rollback_timeout * rounds(self.plan, order, touched))
        self._verify()
        self.pen.write(self.plan.baseline)
        self.seconds = self.watch.elapsed() - begun
        self.watch.tell(RolledBack(self.watch.elapsed(), self.seconds))

    def _behind(self) -> int:
        """The slots where Swarm still means something else to run."""
        seen = self.watch.last or self.watch.look()
        return sum(not all(task.up_to_date for task in slot.wanted) for slot in seen.slots)

    def _begin(self, touched: int) -> float:
        """When it began, in seconds since the deployment's start: once, however often it is scaled."""
        if self.begun is None:
            self.begun = self.watch.elapsed()
            self.watch.tell(RollbackStarted(self.begun, touched))
        return self.begun

    def _is_on_its_way(self) -> bool:
        """Whether an earlier rollback, cut off, has done or will do the work.

        It is left to itself until it rests: a write before that costs replicas (rule 1 of the protocol).
        """
        if not spec.same_work(self.pen.expected.spec, self.plan.baseline):
            return False
        limit = self.watch.world.clock.now() + self.plan.options.start_timeout
        while True:
            view = self.watch.look()
            if view.at > limit or all(slot.quiet for slot in view.slots):
                return all(slot.done for slot in view.slots)
            self.watch.rest()

    def _write(self, slots: int, order: Order) -> None:
        """Write the baseline; a second time it has to differ from the first, or nothing would move."""
        number = pacing.rollback_number(self.pen.expected.spec)
        at_once = parallelism(self.plan, order, slots)
        self.pen.write(pacing.rolled_back(self.plan.baseline, at_once, order, number + 1))

    def _touched(self) -> int:
        """The slots that the release has reached, as last seen: each look costs users wrong answers."""
        slots = (self.watch.last or self.watch.look()).slots
        if spec.same_work(self.pen.expected.spec, self.plan.baseline):
            return sum(not slot.done for slot in slots)
        return sum(slot.touched for slot in slots)

    def _wait(self, order: Order, limit: float) -> None:
        """Until the baseline runs everywhere; slots at which Swarm has given up are written once more."""
        begun = moved = self.watch.world.clock.now()
        while True:
            view = self.watch.look()
            judgement = health.judge(view.slots, (), self._wish(limit), view.at - begun)
            if judgement.verdict == Verdict.PASS:
                return
            if judgement.verdict == Verdict.FAIL:
                raise NotRestored(_unfinished(view, limit))
            left_over = _left_over(view)
            moved = moved if left_over else view.at
            if view.at - moved > STALL:
                self._write(left_over, order)
                moved = view.at
            self.watch.rest()

    def _wish(self, limit: float) -> Expectation:
        slots = self.watch.expected_slots(self.plan)
        return Expectation(slots, slots, self.plan.old_image.digest, limit)

    def _verify(self) -> None:
        """The gates of the baseline have to pass again.

        Tasks of the release still drain, and load balancers learn of it from names that they look up now
        and then, so the first answers may still be the release's.
        """
        limit = self.watch.world.clock.now() + VERIFY
        while (failed := self._failing()) is not None:
            if self.watch.world.clock.now() > limit:
                raise NotRestored(f"the baseline runs again, but a gate does not pass: {failed}")
            self.watch.look()
            self.watch.rest()

    def _failing(self) -> str | None:
        """The first http gate that fails now, and how; only a name that does not resolve tells nothing.

        Where no replica is wanted, there is nobody to answer.
        """
        if not self.plan.slots:
            return None
        for probe in self.plan.options.probes:
            judgement = judge_restored(self.watch.world.prober, probe, self.watch.keep)
            if judgement.verdict == Verdict.FAIL:
                return f"http {without_secrets(probe.url)}: {judgement.evidence}"
        return None


def _left_over(view: View) -> int:
    """The slots where the release still runs, beside the baseline or alone, if nothing is in motion.

    One replica that does not come up pauses the updater, and those that waited for their turn stay behind.
    """
    still = all(slot.done or slot.doubled or (slot.quiet and not slot.touched) for slot in view.slots)
    return sum(slot.doubled or not slot.touched for slot in view.slots) if still else 0


def _unfinished(view: View, limit: float) -> str:
    back = sum(slot.done for slot in view.slots)
    return f"after {limit:g}s the baseline runs in {back} of {len(view.slots)} replicas only"


def _loud(cause: Cause, failure: str) -> Cause:
    sentence = f"the rollback did not succeed: {failure}; it was begun because {cause.sentence}"
    return replace(cause, kind=CauseKind.ROLLBACK_FAILED, sentence=sentence)
