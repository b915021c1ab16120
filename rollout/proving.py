"""Asking the gates: a step is over when all of them pass, a release is bad when one fails."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.events import BakeStarted, GateJudged, GateProgress
from rollout.evidence import cause_of
from rollout.gates import health, http, ready
from rollout.gates.health import Expectation
from rollout.model import Cause, CauseKind, HttpProbe, Judgement, Plan, ProbeResult, Verdict
from rollout.ports import World
from rollout.watching import View, Watch

BURST = 0.25
"""Seconds of probing between two looks at the tasks."""
TOGETHER = 6
"""Requests at the same time: as many as a browser makes, so that a slow page does not delay the verdict."""
STALL = 5.0
"""Seconds without anything in motion after which a batch is taken to be all that Swarm will release."""
BAKE_PACE = 1.0
"""Seconds between two probes while baking."""


class BadRelease(Exception):
    """A gate has failed: the release is to be taken back or held."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.sentence)
        self.cause = cause


@dataclass
class HttpRun:
    """The measurements of one HTTP gate during one step. ``opens`` is when right answers begin to count."""

    world: World
    probe: HttpProbe
    wanted: int
    opens: float | None = None
    early: tuple[ProbeResult, ...] = ()
    counted: tuple[ProbeResult, ...] = ()

    @property
    def name(self) -> str:
        """The gate as a person knows it."""
        return f"http {self.probe.url}"

    def measure(self) -> None:
        """Ask: a little while load balancers learn of the new replica, then as fast as it goes."""
        now = self.world.clock.now()
        self.opens = now + http.LEAD if self.opens is None else self.opens
        if now < self.opens:
            self.early += self.world.prober.ask_together(self.probe, TOGETHER)
        else:
            self._count(until=now + BURST)

    def _count(self, until: float) -> None:
        """Ask until the gate is decided or it is time to look at the tasks again."""
        while self.judge().verdict == Verdict.INCONCLUSIVE and self.world.clock.now() < until:
            together = min(TOGETHER, self.wanted - len(self.counted))
            self.counted += self.world.prober.ask_together(self.probe, together)

    def ask(self) -> None:
        """Ask once; the answer counts."""
        self.counted += (self.world.prober.ask(self.probe),)

    def judge(self) -> Judgement:
        """What the answers so far say."""
        return http.judge(self.counted, self.early, self.wanted)

    def progress(self, at: float) -> GateProgress:
        """How far it is."""
        passed = sum(result.ok for result in self.counted)
        failed = sum(not result.ok for result in (*self.early, *self.counted))
        return GateProgress(at, self.name, passed, failed, self.wanted)


@dataclass
class Proving:
    """Looks at the tasks and asks the gates, tick by tick. Raises BadRelease, and what the watch raises."""

    world: World
    plan: Plan
    watch: Watch

    def prove(self, wish: Expectation, exposed: int) -> bool:
        """Wait until the step has settled and every gate has passed; ``exposed`` slots are on trial.

        False if Swarm stands still with fewer slots released than wished.
        """
        runs = self._runs(http.requests_needed(exposed, wish.slots))
        settled_at = moved_at = self.world.clock.now()
        while True:
            view = self.watch.look()
            if self._healthy(view, wish, view.at - settled_at):
                settled_at = view.at
                if self._passed(view, runs):
                    return True
            moved_at = moved_at if health.stalled(view.slots, wish) else view.at
            if view.at - moved_at > STALL:
                return False
            self.watch.rest()

    def bake(self, wish: Expectation) -> None:
        """Watch everything for the bake time; probes go on at a slow pace."""
        seconds, runs = self.plan.options.bake, self._runs(http.FEWEST)
        self.watch.tell(BakeStarted(self.watch.elapsed(), seconds))
        begun = settled_at = asked = self.world.clock.now()
        while True:
            view = self.watch.look()
            if self._healthy(view, wish, view.at - settled_at):
                settled_at = view.at
                if view.at - begun >= seconds:
                    return
            if view.at - asked >= BAKE_PACE:
                asked = view.at
                self._probe_once(runs)
            self.watch.rest()

    def probe_baseline(self) -> Judgement | None:
        """Ask a few times before the first write; the judgement of the first gate that fails, if any."""
        for run in self._runs(http.FEWEST):
            while run.judge().verdict == Verdict.INCONCLUSIVE:
                run.ask()
            if run.judge().verdict == Verdict.FAIL:
                return Judgement(Verdict.FAIL, f"{run.name}: {run.judge().evidence}", CauseKind.PROBE)
        return None

    def _runs(self, wanted: int) -> list[HttpRun]:
        return [HttpRun(self.world, probe, wanted) for probe in self.plan.options.probes]

    def _healthy(self, view: View, wish: Expectation, waited: float) -> bool:
        self._mind_the_deadline()
        judgement = health.judge(view.slots, view.dead, wish, waited)
        self._refuse_failure("health", judgement)
        return judgement.verdict == Verdict.PASS

    def _passed(self, view: View, runs: list[HttpRun]) -> bool:
        up = ready.judge(view.slots, self.watch.running_since, self.plan.options.min_ready, view.at)
        verdicts = [up.verdict, *(self._measured(run).verdict for run in runs)]
        passed = all(verdict == Verdict.PASS for verdict in verdicts)
        if passed:
            self._announce("ready", up)
        return passed

    def _measured(self, run: HttpRun) -> Judgement:
        """The gate's judgement after one more round; once it has passed it is asked no more."""
        if run.judge().verdict == Verdict.INCONCLUSIVE:
            run.measure()
            self.watch.tell(run.progress(self.watch.elapsed()))
            if run.judge().verdict == Verdict.PASS:
                self._announce(run.name, run.judge())
        self._refuse_failure(run.name, run.judge())
        return run.judge()

    def _probe_once(self, runs: list[HttpRun]) -> None:
        for run in runs:
            run.ask()
            self.watch.tell(run.progress(self.watch.elapsed()))
            self._refuse_failure(run.name, run.judge())

    def _refuse_failure(self, gate: str, judgement: Judgement) -> None:
        if judgement.verdict == Verdict.FAIL:
            self._announce(gate, judgement)
            raise BadRelease(cause_of(judgement, self.watch.snapshot, self.world.swarm))

    def _announce(self, gate: str, judgement: Judgement) -> None:
        self.watch.tell(GateJudged(self.watch.elapsed(), gate, judgement.verdict, judgement.evidence))

    def _mind_the_deadline(self) -> None:
        deadline = self.plan.options.deadline
        if self.watch.elapsed() > deadline:
            raise BadRelease(Cause(CauseKind.DEADLINE, f"the deployment was not done after {deadline:g}s"))
