"""Carries out a plan to its ending, and makes it anew whenever somebody scales the service meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rollout.errors import RolloutError
from rollout.events import Note, Planned
from rollout.executor import Company, Ending, assemble
from rollout.model import Cause, CauseKind, OutcomeKind, Plan, Snapshot, Watched
from rollout.snapshot import take
from rollout.watching import Watch
from rollout.writing import Pen, Rescaled

Replan = Callable[[Plan, Snapshot], Plan]
"""The plan from where the service stands now."""


@dataclass
class Carrying:
    """One plan being carried out; ``plan`` is the one that holds now.

    Target and baseline stay what they are, whatever the registry has by now: scaling is no new deployment.
    """

    plan: Plan
    watch: Watch
    pen: Pen
    company: Company
    replan: Replan

    def run(self) -> Ending:
        """Carry it out, and say how it ended."""
        while True:
            try:
                return self._attempt()
            except Rescaled as scaled:
                self._note(f"{scaled}: going on with that")
                trouble = self._plan_anew(scaled)
            if trouble is not None:
                return trouble

    def _attempt(self) -> Ending:
        executor = assemble(self.plan, self.watch, self.pen, replace(self.company, remember=self._remember))
        ending = executor.run()
        self.plan = executor.rollback.plan
        return ending

    def _remember(self, watched: Watched) -> None:
        """A pause is over: whoever plans anew, here or after a crash, has to know."""
        self.plan = replace(self.plan, watched=watched)
        self.company.remember(watched)

    def _plan_anew(self, scaled: Rescaled) -> Ending | None:
        """The ending, where that cannot be done."""
        self.pen.expected = scaled.service
        try:
            snapshot = take(self.watch.world.swarm, scaled.service)
        except RolloutError as error:
            return Ending(OutcomeKind.HELD, Cause(CauseKind.ENGINE, error.message))
        self.watch.snapshot, self.watch.last = snapshot, None
        self.watch.lookout.forget()
        self.plan = self.replan(self.plan, snapshot)
        self.watch.tell(Planned(self.watch.elapsed(), self.plan))
        return None

    def _note(self, sentence: str) -> None:
        self.watch.tell(Note(self.watch.elapsed(), sentence))
