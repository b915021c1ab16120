"""Asking the gates: a step is over when all of them pass, a release is bad when one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rollout.causes import Surroundings, blames_release, classify
from rollout.diagnosis import Diagnosis
from rollout.events import BakeStarted, GateJudged, Waiting
from rollout.gates import health, ready
from rollout.gates.health import Expectation
from rollout.measuring import Assembly, Run
from rollout.model import Cause, CauseKind, Judgement, Plan, Verdict
from rollout.ports import World
from rollout.watching import View, Watch

STALL = 5.0
"""Seconds without anything in motion after which a batch is taken to be all that Swarm will release."""
BAKE_PACE = 1.0
"""Seconds between two probes while baking."""


class BadRelease(Exception):
    """A gate has failed: the release is to be taken back or held."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.sentence)
        self.cause = cause


class Stuck(Exception):
    """It cannot go on, and that is not known to be the release's fault."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.sentence)
        self.cause = cause


@dataclass
class Trial:
    """A step on trial. All times are in seconds on the clock.

    ``since`` is when it began to wait for replicas that it lacks, ``moved`` when something was last in
    motion, ``asking`` since when it has all of them and asks the gates, ``blocked`` since when the next one
    cannot start, ``stuck`` when it was said that this is not the release's fault, and ``why``.
    """

    wish: Expectation
    runs: Sequence[Run]
    since: float
    moved: float
    asking: float | None = None
    blocked: float | None = None
    stuck: float | None = None
    why: Cause | None = None


@dataclass
class Proving:
    """Looks at the tasks and asks the gates, tick by tick.

    Raises BadRelease, Stuck, and what the watch raises.
    """

    world: World
    plan: Plan
    watch: Watch
    assembly: Assembly
    diagnosis: Diagnosis

    def prove(self, wish: Expectation, exposed: int, *, first: bool) -> bool:
        """Wait until the step has settled and every gate has passed; ``exposed`` slots are on trial.

        False if Swarm stands still with fewer slots released than wished.
        """
        trial = self._trial(wish, self.assembly.for_step(exposed, wish.slots, first))
        while True:
            view = self.watch.look()
            if self._healthy(view, trial) and self._passed(view, trial):
                return True
            if not health.stalled(view.slots, wish):
                trial.moved = view.at
            if view.at - trial.moved > STALL:
                return False
            self.watch.rest()

    def bake(self, wish: Expectation) -> None:
        """Watch everything for the bake time; probes go on at a slow pace."""
        seconds, trial = self.plan.options.bake, self._trial(wish, self.assembly.for_baking())
        self.watch.tell(BakeStarted(self.watch.elapsed(), seconds))
        begun = asked = self.world.clock.now()
        while True:
            view = self.watch.look()
            if self._healthy(view, trial) and view.at - begun >= seconds:
                return
            if view.at - asked >= BAKE_PACE:
                asked = view.at
                self._watch_on(view, trial)
            self.watch.rest()

    def _trial(self, wish: Expectation, runs: Sequence[Run]) -> Trial:
        now = self.world.clock.now()
        return Trial(wish, runs, now, now)

    def _healthy(self, view: View, trial: Trial) -> bool:
        """Whether the step has settled; who dies or is late is looked into."""
        self._mind_the_limits(view, trial)
        judgement = health.judge(view.slots, view.dead, trial.wish, view.at - trial.since)
        if judgement.verdict == Verdict.FAIL:
            self._weigh("health", judgement, self.diagnosis.of(judgement), trial)
        if judgement.verdict == Verdict.INCONCLUSIVE:
            self._mind_blockage(view, judgement, trial)
        settled = judgement.verdict == Verdict.PASS
        trial.asking = (trial.asking or view.at) if settled else None
        if settled:
            trial.since, trial.blocked, trial.stuck = view.at, None, None
        return settled

    def _passed(self, view: View, trial: Trial) -> bool:
        up = ready.judge(view.slots, self.watch.running_since, self.plan.options.min_ready, view.at)
        verdicts = [up.verdict, *(self._measured(run, view, trial).verdict for run in trial.runs)]
        passed = all(verdict == Verdict.PASS for verdict in verdicts)
        if passed:
            self._announce("ready", up)
        return passed

    def _measured(self, run: Run, view: View, trial: Trial) -> Judgement:
        """The gate's judgement after one more round; once it has passed it is asked no more."""
        if run.judge().verdict == Verdict.PASS:
            return run.judge()
        run.measure(view)
        judgement = run.judge()
        self.watch.tell(run.progress(self.watch.elapsed()))
        if judgement.verdict == Verdict.PASS:
            self._announce(run.name, judgement)
        self._mind_failure(run, judgement, trial)
        self._mind_silence(run, judgement, view, trial)
        return judgement

    def _watch_on(self, view: View, trial: Trial) -> None:
        for run in trial.runs:
            run.watch_on(view)
            self.watch.tell(run.progress(self.watch.elapsed()))
            self._mind_failure(run, run.judge(), trial)

    def _mind_failure(self, run: Run, judgement: Judgement, trial: Trial) -> None:
        """A gate that fails condemns the release, unless a lost node explains it as well."""
        if judgement.verdict == Verdict.FAIL:
            self._weigh(run.name, judgement, self._cause_of(run, judgement), trial)
            run.forget()

    def _cause_of(self, run: Run, judgement: Judgement) -> Cause:
        return self.diagnosis.of_the_way(judgement) if run.blames_the_way else self.diagnosis.of(judgement)

    def _mind_silence(self, run: Run, judgement: Judgement, view: View, trial: Trial) -> None:
        """A gate that finds out nothing for too long: that is no reason to take a good release back."""
        asking = trial.asking or view.at
        silent = view.at - max(run.heard or asking, asking)
        if judgement.verdict == Verdict.INCONCLUSIVE and silent > self.plan.options.gate_timeout:
            self._announce(run.name, judgement)
            raise Stuck(Cause(CauseKind.INCONCLUSIVE, f"{run.name} is inconclusive: {judgement.evidence}"))

    def _weigh(self, gate: str, judgement: Judgement, cause: Cause, trial: Trial) -> None:
        """Condemn the release, or wait if it is not to blame."""
        if blames_release(cause.kind):
            self._announce(gate, judgement)
            raise BadRelease(cause)
        now = self.world.clock.now()
        if judgement.task is not None:
            self.watch.forgive((judgement.task,))
        trial.since = now
        self._wait(cause, trial, now)

    def _mind_blockage(self, view: View, judgement: Judgement, trial: Trial) -> None:
        """The time to start does not run for a task that has nowhere to start."""
        task = health.straggler(view.slots)
        if task is None or blames_release(classify(task, Surroundings(lost=self.watch.lost))):
            trial.blocked = None
            return
        trial.blocked = view.at if trial.blocked is None else trial.blocked
        trial.since = view.at
        if view.at - trial.blocked > STALL:
            self._wait(self.diagnosis.of(replace(judgement, task=task)), trial, view.at)

    def _wait(self, cause: Cause, trial: Trial, now: float) -> None:
        """Say once that it waits, and for what."""
        trial.why = cause
        if trial.stuck is None:
            trial.stuck = now
            limit = self.watch.elapsed() + self.plan.options.progress_timeout
            self.watch.tell(Waiting(self.watch.elapsed(), cause, limit))

    def _mind_the_limits(self, view: View, trial: Trial) -> None:
        options = self.plan.options
        if trial.stuck is not None and trial.why and view.at - trial.stuck > options.progress_timeout:
            raise Stuck(trial.why)
        if self.watch.worked() > options.deadline:
            sentence = f"the deployment was not done after {options.deadline:g}s"
            raise Stuck(Cause(CauseKind.DEADLINE, sentence))

    def _announce(self, gate: str, judgement: Judgement) -> None:
        self.watch.tell(GateJudged(self.watch.elapsed(), gate, judgement.verdict, judgement.evidence))
