"""An HTTP gate at work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rollout.events import GateProgress
from rollout.gates import http
from rollout.gates.http import Baseline, Measured
from rollout.model import HttpProbe, Judgement, ProbeResult, Verdict
from rollout.ports import Clock, Prober
from rollout.secrets import without_secrets
from rollout.watching import View

BURST = 0.25
"""Seconds of probing between two looks at the tasks."""
REMEMBERED = 300
"""Answers that count while it only watches: what breaks after an hour is seen as soon."""
TOGETHER = 6
"""Requests at the same time: as many as a browser makes, so that a slow page does not delay the verdict."""


@dataclass
class HttpRun:
    """The measurements of one HTTP gate during one step; ``wanted`` answers have to count.

    ``opens`` is when right answers begin to count; ``reached`` is whether the page was ever there.
    """

    prober: Prober
    clock: Clock
    probe: HttpProbe
    baseline: Baseline | None
    wanted: int
    reached: bool = True
    opens: float | None = None
    asked_at: float | None = None
    heard: float | None = None
    lost: str = ""
    pace: float = 0.0
    early: list[ProbeResult] = field(default_factory=list)
    counted: list[ProbeResult] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The gate as a person knows it."""
        return f"http {without_secrets(self.probe.url)}"

    @property
    def measured(self) -> Measured:
        """The answers so far that say anything."""
        return Measured(self.counted, self.early)

    @property
    def blames_the_way(self) -> bool:
        """Whether no wrong answer is the application's own."""
        return http.blames_the_way(self.measured)

    def measure(self, view: View) -> None:
        """Ask: a little while load balancers learn of the new replica, then as fast as it goes."""
        self.opens = view.at + http.LEAD if self.opens is None else self.opens
        if view.at < self.opens:
            self._ask(self.early)
        else:
            self._count(until=view.at + BURST)

    def watch_on(self, view: View) -> None:
        """Ask once; the answer counts, and the oldest one no more."""
        self._take(self.counted, [self.prober.ask(self.probe)], view.at)
        del self.counted[:-REMEMBERED]

    def judge(self) -> Judgement:
        """What the answers so far say; one that found nobody only tells why there is no verdict yet."""
        judgement = http.judge(self.measured, self.probe, self.baseline, self.wanted)
        if judgement.verdict == Verdict.INCONCLUSIVE and self.lost:
            return Judgement(Verdict.INCONCLUSIVE, f"{judgement.evidence}; {self.lost}")
        return judgement

    def forget(self) -> None:
        """Begin anew."""
        self.opens = None
        self.early.clear()
        self.counted.clear()

    def progress(self, at: float) -> GateProgress:
        """How far it is."""
        passed = sum(result.ok for result in self.counted)
        return GateProgress(at, self.name, passed, len(self.measured.wrong), self.wanted)

    def _count(self, until: float) -> None:
        """Ask until the gate is decided or it is time to look at the tasks again.

        Once enough has been counted to see errors, only the speed is undecided: no hurry any more.
        """
        self._ask(self.counted)
        while len(self.counted) < self.wanted and not self._over(until):
            before = len(self.counted)
            self._ask(self.counted)
            if len(self.counted) == before:
                return

    def _over(self, until: float) -> bool:
        return self.judge().verdict != Verdict.INCONCLUSIVE or self.clock.now() >= until

    def _ask(self, answers: list[ProbeResult]) -> None:
        """Ask some together, or as many as are due at the gate's rate."""
        now = self.clock.now()
        due = self._due(now)
        if due:
            self.asked_at = self._paid_up_to(due, now)
            self._take(answers, self.prober.ask_together(self.probe, due), now)

    def _due(self, now: float) -> int:
        if self.probe.rate is None:
            return TOGETHER
        if self.asked_at is None:
            return 1
        return min(TOGETHER, int((now - self.asked_at) * self.probe.rate))

    def _paid_up_to(self, due: int, now: float) -> float:
        """The time whose requests are sent by these; what was missed by far is not made up for."""
        if self.probe.rate is None or self.asked_at is None:
            return now
        return max(self.asked_at + due / self.probe.rate, now - 1 / self.probe.rate)

    def _take(self, answers: list[ProbeResult], results: Iterable[ProbeResult], now: float) -> None:
        """Keep what says something about the release."""
        for result in results:
            self.reached = self.reached or result.reached
            if http.conclusive(result, self.reached):
                answers.append(result)
                self.heard, self.lost = now, ""
            else:
                self.lost = result.error or self.lost
