"""The HTTP gate: what it takes to say that a release is bad, good, or that nobody knows."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rollout.gates import http
from rollout.gates.chance import at_least, percentile
from rollout.gates.exposure import MOST, TOLERATED, requests_needed, suspicious
from rollout.gates.http import Baseline, Measured
from rollout.measuring.baseline import judge_baseline
from rollout.model import CauseKind, HttpProbe, Limit, ProbeResult, Verdict

GOOD = ProbeResult(True, seconds=0.01, status=200)
BAD = ProbeResult(False, status=500, error="HTTP 500")
PROBE = HttpProbe("http://site/")
UNRESOLVED = ProbeResult(False, error="name does not resolve", reached=False, resolved=False)
REFUSED = ProbeResult(False, error="connection refused", reached=False)
shares = some.floats(0.01, 0.99)


def judged(counted=(), early=(), wanted=33, probe=PROBE, baseline=None):
    return http.judge(Measured(tuple(counted), tuple(early)), probe, baseline, wanted)


def took(seconds: float, count: int) -> list[ProbeResult]:
    return [ProbeResult(True, seconds=seconds, status=200)] * count


def test_a_second_wrong_answer_fails_the_probe_at_once_and_says_what_it_was():
    judgement = judged([GOOD, BAD, GOOD, BAD])
    assert judgement.verdict == Verdict.FAIL
    assert judgement.cause == CauseKind.PROBE
    assert judgement.evidence == "2 of 4 requests failed: HTTP 500"


def test_a_single_wrong_answer_is_forgiven_and_said():
    judgement = judged([BAD, *[GOOD] * 33])
    assert judgement.verdict == Verdict.PASS
    assert judgement.evidence == "34 requests answered, 1 forgiven"


def test_answers_before_load_balancers_know_the_new_replica_prove_nothing_unless_they_are_wrong():
    assert judged(early=[GOOD] * 100).verdict == Verdict.INCONCLUSIVE
    assert judged(early=[BAD, BAD]).verdict == Verdict.FAIL


def test_the_probe_passes_when_all_wanted_requests_were_answered():
    assert judged([GOOD] * 24, wanted=24).verdict == Verdict.PASS
    assert judged([GOOD] * 23, wanted=24).verdict == Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("exposed", "slots", "wanted"), [(1, 4, 33), (2, 4, 14), (1, 10, 89), (4, 4, 5)])
def test_one_bad_replica_among_many_takes_more_requests_to_see(exposed: int, slots: int, wanted: int):
    """By hand: 0.75^33 + 33 * 0.25 * 0.75^32 is the first below 0.001, and so on."""
    assert requests_needed(exposed, slots) == wanted


@given(some.integers(1, 200), some.integers(1, 200))
def test_a_broken_batch_is_missed_less_than_once_in_a_thousand(exposed: int, slots: int):
    wanted, share = requests_needed(exposed, slots), min(exposed / slots, 1.0)
    at_most_one = sum(comb(wanted, hits) * share**hits * (1 - share) ** (wanted - hits) for hits in (0, 1))
    assert wanted == MOST or at_most_one <= 0.001 + 1e-9


@settings(deadline=None)
@given(some.integers(1, 20), some.integers(1, 20), some.sampled_from([0.0, 0.01, 0.05, 0.2]))
def test_a_broken_batch_is_seen_through_the_noise_that_a_budget_allows(
    exposed: int, slots: int, budget: float
):
    """The fewest suspicious errors are reached in 999 of 1000 runs, whatever the budget forgives."""
    wanted, share = requests_needed(exposed, slots, budget), min(exposed / slots, 1.0)
    if wanted == MOST:
        return
    threshold = next(n for n in range(wanted + 1) if suspicious(n, wanted, budget, 0.999))
    assert at_least(threshold, wanted, share) >= 0.999


def test_a_batch_whose_share_lies_within_the_budget_cannot_be_seen_by_its_errors():
    assert requests_needed(1, 10, budget=0.2) == MOST


@given(some.integers(0, 60), some.integers(1, 60), shares)
def test_chance_is_the_binomial_tail(events: int, trials: int, share: float):
    direct = sum(comb(trials, n) * share**n * (1 - share) ** (trials - n) for n in range(events, trials + 1))
    assert at_least(events, trials, share) == pytest.approx(direct, abs=1e-9)


@settings(deadline=None)
@given(some.integers(1, 100), some.floats(0, 0.5))
def test_more_errors_are_never_less_suspicious(asked: int, budget: float):
    verdicts = [suspicious(wrong, asked, budget, 0.999) for wrong in range(asked + 1)]
    assert verdicts == sorted(verdicts)
    assert not any(verdicts[: TOLERATED + 1])


def test_errors_within_the_budget_pass():
    forgiving = HttpProbe("http://site/", error_budget=Limit(0.05))
    assert judged([BAD] * 5 + [GOOD] * 95, probe=forgiving, wanted=100).verdict == Verdict.PASS
    assert judged([BAD] * 25 + [GOOD] * 75, probe=forgiving, wanted=100).verdict == Verdict.FAIL


def test_a_relative_budget_is_a_multiple_of_what_the_site_did_before():
    twice = HttpProbe("http://site/", error_budget=Limit(2.0, relative=True))
    flaky_before = Baseline(errors=0.05, p95=0.01)
    answers = [BAD] * 10 + [GOOD] * 90
    assert judged(answers, probe=twice, baseline=flaky_before, wanted=100).verdict == Verdict.PASS
    assert judged(answers, probe=twice, baseline=Baseline(0.0, 0.01), wanted=100).verdict == Verdict.FAIL


def test_pages_that_take_longer_than_the_limit_fail_as_too_slow():
    limited = HttpProbe("http://site/", p95=Limit(0.3))
    judgement = judged(took(0.1, 25) + took(0.5, 8), probe=limited)
    assert (judgement.verdict, judgement.cause) == (Verdict.FAIL, CauseKind.SLOW)
    assert judgement.evidence == "8 of 33 requests answered, p95 500 ms (limit 300 ms)"


def test_a_limit_relative_to_the_baseline_follows_it():
    limited = HttpProbe("http://site/", p95=Limit(1.5, relative=True))
    answers = took(0.1, 25) + took(0.2, 8)
    assert judged(answers, probe=limited, baseline=Baseline(0, 0.1)).verdict == Verdict.FAIL
    assert judged(answers, probe=limited, baseline=Baseline(0, 0.2)).verdict == Verdict.PASS


def test_a_speed_that_chance_explains_is_measured_on_before_anybody_is_blamed():
    limited = HttpProbe("http://site/", p95=Limit(0.3))
    assert judged(took(0.1, 30) + took(0.5, 3), probe=limited).verdict == Verdict.INCONCLUSIVE
    assert judged(took(0.1, 100) + took(0.5, 3), probe=limited).verdict == Verdict.PASS


def test_after_an_interruption_a_relative_limit_has_nothing_to_compare_with():
    limited = HttpProbe("http://site/", p95=Limit(1.5, relative=True))
    assert judged(took(9.0, 33), probe=limited, baseline=None).verdict == Verdict.PASS


def test_a_name_that_does_not_resolve_says_nothing_about_the_release():
    assert not http.conclusive(UNRESOLVED, reached_before=True)
    assert not http.conclusive(UNRESOLVED, reached_before=False)


def test_nobody_at_home_counts_only_where_somebody_was():
    assert http.conclusive(REFUSED, reached_before=True)
    assert not http.conclusive(REFUSED, reached_before=False)


def test_a_page_that_nobody_serves_before_the_first_write_is_inconclusive_and_not_a_bad_site():
    assert judge_baseline((REFUSED,) * 5, PROBE).verdict == Verdict.INCONCLUSIVE
    assert judge_baseline((BAD,) * 5, PROBE).verdict == Verdict.FAIL
    assert judge_baseline((GOOD,) * 5, PROBE).verdict == Verdict.PASS


@pytest.mark.parametrize(
    ("status", "may_be_the_way"), [(500, False), (404, False), (502, True), (None, True)]
)
def test_only_the_applications_own_errors_rule_a_lost_node_out(status: int | None, may_be_the_way: bool):
    wrong = ProbeResult(False, status=status, error="?")
    assert http.blames_the_way(Measured((GOOD, wrong, wrong))) == may_be_the_way


@given(some.lists(some.floats(0, 10), min_size=1), shares)
def test_a_percentile_is_a_value_with_that_share_at_or_below_it(values: list[float], share: float):
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9
    assert sum(value < found for value in values) <= share * len(values)
