"""What the HTTP gates show before the first write: what is judged afterwards is compared with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rollout.gates import http
from rollout.gates.exposure import FEWEST, TOLERATED, suspicious
from rollout.gates.http import Baseline
from rollout.measuring.http_run import TOGETHER
from rollout.model import HttpProbe, Judgement, ProbeResult, Verdict
from rollout.ports import Prober

THOROUGH = 60
"""Requests where a limit is relative: the 95th percentile of fewer is little more than the slowest one."""


@dataclass(frozen=True)
class Baselines:
    """The baseline of each probe, in their order; ``failed`` is the first that is not fit to judge by."""

    each: tuple[Baseline | None, ...] = ()
    failed: tuple[HttpProbe, Judgement] | None = None


def measure_baselines(prober: Prober, probes: tuple[HttpProbe, ...], keep: Callable[[], None]) -> Baselines:
    """Ask each probe a few times; more often where a limit is relative to what it shows.

    ``keep`` is called in between, for a lock that has to be renewed.
    """
    each: list[Baseline] = []
    for probe in probes:
        results = tuple(_answers(prober, probe, keep))
        judgement = judge_baseline(results, probe)
        if judgement.verdict != Verdict.PASS:
            return Baselines((), (probe, judgement))
        each.append(http.baseline_of(results))
    return Baselines(tuple(each))


def judge_baseline(results: tuple[ProbeResult, ...], probe: HttpProbe) -> Judgement:
    """Whether a gate can judge anything: by a page that fails already, it could not."""
    wrong = [result for result in results if not result.ok]
    errors = ", ".join(dict.fromkeys(result.error for result in wrong))
    if not any(result.reached for result in results):
        return Judgement(Verdict.INCONCLUSIVE, f"nobody was there to answer: {errors}")
    budget = 1.0 if probe.error_budget.relative else probe.error_budget.amount
    if suspicious(len(wrong), len(results), budget, probe.confidence):
        return Judgement(Verdict.FAIL, f"{len(wrong)} of {len(results)} requests failed: {errors}")
    return Judgement(Verdict.PASS, f"{len(results)} requests answered")


def judge_restored(prober: Prober, probe: HttpProbe, keep: Callable[[], None]) -> Judgement:
    """Whether the site answers again as it did before, when somebody was there to answer."""
    results = [
        result for result in _answers(prober, probe, keep) if http.conclusive(result, reached_before=True)
    ]
    wrong = [result for result in results if not result.ok]
    if len(wrong) <= TOLERATED:
        return Judgement(Verdict.PASS, f"{len(results)} requests answered")
    errors = ", ".join(dict.fromkeys(result.error for result in wrong))
    return Judgement(Verdict.FAIL, f"{len(wrong)} of {len(results)} requests failed: {errors}")


def _answers(prober: Prober, probe: HttpProbe, keep: Callable[[], None]) -> Iterator[ProbeResult]:
    """One after another where a few will do; together, as during the steps, where they are compared."""
    relative = probe.error_budget.relative or (probe.p95 is not None and probe.p95.relative)
    together, rounds = (TOGETHER, THOROUGH // TOGETHER) if relative else (1, FEWEST)
    for _ in range(rounds):
        keep()
        yield from prober.ask_together(probe, together)
