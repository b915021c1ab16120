"""Asking the gates: a step is over when all of them pass, a release is bad when one fails."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rollout.causes import Surroundings, blames_release, classify
from rollout.diagnosis import Diagnosis
from rollout.events import BakeStarted, GateJudged, Waiting
from rollout.gates import health, ready
from rollout.gates.health import Expectation
from rollout.measuring import Assembly, Run
from rollout.model import Cause, CauseKind, Judgement, Plan, Verdict
from rollout.ports import World
from rollout.watching import STALL, View, Watch

HEALTH = "health"
"""The gate that is always asked, by its name."""
BAKE_PACE = 1.0
"""Seconds between two probes while baking."""
CALM_AFTER = 60.0
"""Seconds of standing still after which the tasks are looked at less often: a pause may take days."""
CALM_PACE = 0.75
"""Seconds between two looks then; who asks for a hold is heard within a second still."""


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
    cannot start. ``waits`` has, by gate, since when and why it waits for what is not the release's fault.
    """

    wish: Expectation
    runs: Sequence[Run]
    since: float
    moved: float
    asking: float | None = None
    blocked: float | None = None
    waits: dict[str, tuple[float, Cause]] = field(default_factory=dict)


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

    def prove(self, wish: Expectation, exposed: int, number: int) -> bool:
        """Wait until step ``number`` has settled and every gate has passed; ``exposed`` slots are on trial.

        False if Swarm stands still with fewer slots released than wished.
        """
        trial = self._trial(wish, self.assembly.for_step(number, exposed, wish.slots))
        while True:
            view = self.watch.look()
            if self._healthy(view, trial) and self._passed(view, trial):
                return True
            if not health.stalled(view.slots, self._wish(trial)):
                trial.moved = view.at
            if view.at - trial.moved > STALL:
                return False
            self.watch.rest()

    def bake(self, wish: Expectation) -> None:
        """Watch everything for the bake time; probes go on at a slow pace."""
        seconds, begun = self.plan.options.bake, self.world.clock.now()
        self.watch.tell(BakeStarted(self.watch.elapsed(), seconds))
        self.watch_until(lambda view: view.at - begun >= seconds, wish)

    def watch_until(self, over: Callable[[View], bool], wish: Expectation) -> None:
        """Stand still with all gates watching, at a slow pace, until it is over and all is well."""
        trial, asked = self._trial(wish, self.assembly.for_baking()), self.world.clock.now()
        begun = asked
        while True:
            view = self.watch.look()
            settled, late = self._healthy(view, trial), over(view)
            if settled and late and not trial.waits:
                return
            if view.at - asked >= BAKE_PACE:
                asked = view.at
                self._watch_on(view, trial)
            self.watch.rest(CALM_PACE if view.at - begun > CALM_AFTER else 0.0)

    def _trial(self, wish: Expectation, runs: Sequence[Run]) -> Trial:
        now = self.world.clock.now()
        return Trial(wish, runs, now, now)

    def _healthy(self, view: View, trial: Trial) -> bool:
        """Whether the step has settled; who dies or is late is looked into."""
        self._mind_the_limits(view, trial)
        judgement = health.judge(view.slots, view.dead, self._wish(trial), view.at - trial.since)
        if judgement.verdict == Verdict.FAIL:
            self._weigh_task(judgement, trial)
        if judgement.verdict == Verdict.INCONCLUSIVE:
            self._mind_blockage(view, judgement, trial)
        settled = judgement.verdict == Verdict.PASS
        trial.asking = (trial.asking or view.at) if settled else None
        if settled:
            trial.since = view.at
            self._unblock(trial)
        return settled

    def _wish(self, trial: Trial) -> Expectation:
        """What is expected now: in global mode nodes come and go, and their slots with them."""
        slots = self.watch.expected_slots(self.plan)
        return replace(trial.wish, slots=slots, upto=min(trial.wish.upto, slots))

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
        self.watch.keep()
        run.measure(view)
        judgement = run.judge()
        self.watch.tell(run.progress(self.watch.elapsed()))
        if judgement.verdict == Verdict.PASS:
            trial.waits.pop(run.name, None)
            self._announce(run.name, judgement)
        self._mind_failure(run, judgement, trial)
        self._mind_silence(run, judgement, view, trial)
        return judgement

    def _watch_on(self, view: View, trial: Trial) -> None:
        for run in trial.runs:
            self.watch.keep()
            run.watch_on(view)
            self.watch.tell(run.progress(self.watch.elapsed()))
            if run.judge().verdict == Verdict.PASS:
                trial.waits.pop(run.name, None)
            self._mind_failure(run, run.judge(), trial)

    def _mind_failure(self, run: Run, judgement: Judgement, trial: Trial) -> None:
        """A gate that fails condemns the release, unless a lost node explains it as well."""
        if judgement.verdict != Verdict.FAIL:
            return
        self._weigh(run.name, judgement, self._cause_of(run, judgement), trial)
        run.forget()

    def _cause_of(self, run: Run, judgement: Judgement) -> Cause:
        return self.diagnosis.of_the_way(judgement) if run.blames_the_way else self.diagnosis.of(judgement)

    def _mind_silence(self, run: Run, judgement: Judgement, view: View, trial: Trial) -> None:
        """A gate that finds out nothing for too long: that is no reason to take a good release back."""
        asking = trial.asking or view.at
        silent = view.at - max(run.heard or asking, asking)
        if judgement.verdict == Verdict.INCONCLUSIVE and silent > self.plan.options.gate_timeout + run.pace:
            self._announce(run.name, judgement)
            raise Stuck(Cause(CauseKind.INCONCLUSIVE, f"{run.name} is inconclusive: {judgement.evidence}"))

    def _weigh_task(self, judgement: Judgement, trial: Trial) -> None:
        """A task that died or is late condemns the release, or is forgiven: then the time begins anew."""
        self._weigh(HEALTH, judgement, self.diagnosis.of(judgement), trial)
        if judgement.task is not None:
            self.watch.forgive((judgement.task,))
        trial.since = self.world.clock.now()

    def _weigh(self, gate: str, judgement: Judgement, cause: Cause, trial: Trial) -> None:
        """Condemn the release, or wait if it is not to blame."""
        if blames_release(cause.kind):
            self._announce(gate, judgement)
            raise BadRelease(cause)
        self._wait(gate, cause, trial)

    def _mind_blockage(self, view: View, judgement: Judgement, trial: Trial) -> None:
        """The time to start does not run for a task that has nowhere to start."""
        task = health.straggler(view.slots)
        if task is None or blames_release(classify(task, Surroundings(lost=self.watch.lost_with(task)))):
            if trial.blocked is not None:  # it has somewhere to start now: the time to start runs again
                self._unblock(trial)
            return
        trial.blocked = view.at if trial.blocked is None else trial.blocked
        trial.since = view.at
        if view.at - trial.blocked > STALL and HEALTH not in trial.waits:
            self._wait(HEALTH, self.diagnosis.of(replace(judgement, task=task)), trial)

    def _unblock(self, trial: Trial) -> None:
        trial.blocked = None
        trial.waits.pop(HEALTH, None)

    def _wait(self, gate: str, cause: Cause, trial: Trial) -> None:
        """Say once that it waits, and for what; the newest reason is the one that is given in the end."""
        if gate not in trial.waits:
            limit = self.watch.elapsed() + self.plan.options.progress_timeout
            self.watch.tell(Waiting(self.watch.elapsed(), cause, limit))
        since, _ = trial.waits.get(gate, (self.world.clock.now(), cause))
        trial.waits[gate] = (since, cause)

    def _mind_the_limits(self, view: View, trial: Trial) -> None:
        options = self.plan.options
        for since, cause in trial.waits.values():
            if view.at - since > options.progress_timeout:
                raise Stuck(cause)
        if self.watch.busy() > options.deadline:
            sentence = f"the deployment was not done after {options.deadline:g}s"
            raise Stuck(Cause(CauseKind.DEADLINE, sentence))

    def _announce(self, gate: str, judgement: Judgement) -> None:
        self.watch.tell(GateJudged(self.watch.elapsed(), gate, judgement.verdict, judgement.evidence))
