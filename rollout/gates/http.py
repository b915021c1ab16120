"""HTTP: the site answers through the real path while the target takes part of the traffic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rollout.gates.chance import at_least, percentile
from rollout.gates.exposure import suspicious
from rollout.model import CauseKind, HttpProbe, Judgement, ProbeResult, Verdict

LEAD = 2.0
"""Seconds that load balancers may take to send a new replica its share: names are looked up every second
or so (seen: with nginx's valid=1s, 33 requests in a burst all met old replicas)."""
TAIL = 0.05
"""The share of answers that may be slower than the 95th percentile."""
GATEWAY = frozenset({502, 503, 504})
"""What a proxy says of a backend that it cannot reach (RFC 9110 15.6)."""


@dataclass(frozen=True)
class Baseline:
    """What the gate showed before the first write: the share of wrong answers, and a percentile in seconds.

    None where it was not measured, as after an interruption: then relative limits cannot be judged.
    """

    errors: float
    p95: float


@dataclass(frozen=True)
class Measured:
    """The answers of one step that say anything.

    ``early`` ones came within ``LEAD``: a wrong one counts, a right one may be an old replica's.
    """

    counted: Sequence[ProbeResult] = ()
    early: Sequence[ProbeResult] = ()

    @property
    def asked(self) -> int:
        """How many there are."""
        return len(self.early) + len(self.counted)

    @property
    def wrong(self) -> list[ProbeResult]:
        """The wrong ones."""
        return [result for result in (*self.early, *self.counted) if not result.ok]


def conclusive(result: ProbeResult, reached_before: bool) -> bool:
    """Whether a result says anything about the release.

    A name that does not resolve says nothing, nobody at home says nothing where nobody ever was, and neither
    does a page that could not be searched in time.
    """
    return result.told and (result.reached or (result.resolved and reached_before))


def judge(measured: Measured, probe: HttpProbe, baseline: Baseline | None, wanted: int) -> Judgement:
    """Fail as soon as more is wrong than chance explains; pass by ``wanted`` counted answers."""
    wrong = measured.wrong
    if suspicious(len(wrong), measured.asked, budget_of(probe, baseline), probe.confidence):
        errors = ", ".join(dict.fromkeys(result.error for result in wrong))
        sentence = f"{len(wrong)} of {measured.asked} requests failed: {errors}"
        return Judgement(Verdict.FAIL, sentence, CauseKind.PROBE)
    if len(measured.counted) < wanted:
        return Judgement(Verdict.INCONCLUSIVE, f"{_answered(measured)} so far")
    return _judge_speed(measured, probe, baseline)


def budget_of(probe: HttpProbe, baseline: Baseline | None) -> float:
    """The share of wrong answers that is allowed; without a baseline a relative budget allows none."""
    return min(probe.error_budget.over(baseline.errors if baseline else 0.0), 1.0)


def p95_limit(probe: HttpProbe, baseline: Baseline | None) -> float | None:
    """The limit in seconds; None where there is none, or none that can be known."""
    if probe.p95 is None or (probe.p95.relative and baseline is None):
        return None
    return probe.p95.over(baseline.p95 if baseline else 0.0)


def baseline_of(results: Sequence[ProbeResult]) -> Baseline:
    """What some answers before the first write show."""
    times = [result.seconds for result in results if result.ok]
    wrong = sum(not result.ok for result in results)
    return Baseline(wrong / max(len(results), 1), percentile(times, 1 - TAIL) if times else 0.0)


def blames_the_way(measured: Measured) -> bool:
    """Whether all wrong answers are of the kind that a lost node causes: none is the application's own."""
    return all(result.status in GATEWAY or result.status is None for result in measured.wrong)


def _judge_speed(measured: Measured, probe: HttpProbe, baseline: Baseline | None) -> Judgement:
    """Slower answers than the limit are counted like wrong ones, with one in twenty as their budget."""
    limit = p95_limit(probe, baseline)
    times = [result.seconds for result in measured.counted if result.ok]
    if limit is None or not times:
        return Judgement(Verdict.PASS, _answered(measured))
    slow, found = sum(seconds > limit for seconds in times), percentile(times, 1 - TAIL)
    sentence = f"{_answered(measured)}, p95 {_ms(found)} (limit {_ms(limit)})"
    if at_least(slow, len(times), TAIL) < 1 - probe.confidence:
        return Judgement(Verdict.FAIL, f"{slow} of {sentence}", CauseKind.SLOW)
    if found <= limit:
        return Judgement(Verdict.PASS, sentence)
    return Judgement(Verdict.INCONCLUSIVE, sentence)


def _answered(measured: Measured) -> str:
    forgiven = f", {len(measured.wrong)} forgiven" if measured.wrong else ""
    return f"{measured.asked} requests answered{forgiven}"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
