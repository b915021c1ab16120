"""What users met, as a sum."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from rollout.impact import MOST_ERRORS, summarize
from rollout.model import Impact, Latency, Sample

URL = "http://shop.example/"


def sample(at: float, error: str = "", seconds: float = 0.02, **fields: object) -> Sample:
    return Sample(at, URL, not error, seconds, error, **fields)  # type: ignore[arg-type]


NOBODY = {"error": "connection refused", "reached": False}
LOST = {"error": "name does not resolve", "reached": False, "resolved": False}


def test_the_failures_are_counted_and_dated():
    impact = summarize([sample(1.0), sample(2.0, "HTTP 500"), sample(3.0), sample(4.0, "HTTP 502")], 1.5, 3.5)
    assert (impact.asked, impact.failed, impact.first_failed, impact.last_failed) == (4, 2, 2.0, 4.0)
    assert impact.errors == ("HTTP 500", "HTTP 502")


def test_how_fast_pages_came_is_told_before_during_and_after_the_writes():
    samples = [sample(1.0, seconds=0.1), sample(5.0, seconds=0.2), sample(9.0, seconds=0.3)]
    impact = summarize(samples, 5.0, 5.0)
    assert impact.before == Latency(1, 0.1, 0.1)
    assert impact.during == Latency(1, 0.2, 0.2)
    assert impact.after == Latency(1, 0.3, 0.3)


def test_before_the_first_write_everything_is_before_and_until_the_last_everything_is_during():
    samples = [sample(1.0), sample(5.0)]
    assert summarize(samples, None, None).during is None
    assert summarize(samples, 0.0, None).after is None


def test_wrong_answers_do_not_count_for_the_speed():
    assert summarize([sample(1.0), sample(2.0, "HTTP 500", seconds=3.0)], None, None).before == Latency(
        1, 0.02, 0.02
    )
    assert summarize([sample(2.0, "HTTP 500")], None, None).before is None


def test_the_tail_is_the_nearest_rank():
    times = [sample(float(number), seconds=number / 1000) for number in range(1, 101)]
    assert summarize(times, None, None).before == Latency(100, 0.050, 0.095)


def test_a_place_that_was_never_reached_was_not_asked():
    assert summarize([sample(1.0, **NOBODY), sample(2.0, **NOBODY)], None, None) == Impact()


def test_from_the_first_time_that_it_is_reached_on_everything_counts():
    impact = summarize([sample(1.0, **NOBODY), sample(2.0, "HTTP 500"), sample(3.0, **NOBODY)], None, None)
    assert (impact.asked, impact.failed, impact.errors) == (2, 2, ("HTTP 500", "connection refused"))


def test_that_one_place_is_reached_says_nothing_about_another():
    other = Sample(2.0, "http://other/", False, 0.0, "connection refused", reached=False)
    assert summarize([sample(1.0), other], None, None).asked == 1


def test_a_name_that_does_not_resolve_any_more_is_nobodys_request():
    assert summarize([sample(1.0), sample(2.0, **LOST)], None, None).failed == 0


def test_the_versions_are_counted_where_they_are_known():
    samples = [sample(1.0, version="1"), sample(2.0), sample(3.0, "HTTP 500", version="2"), sample(4.0)]
    assert summarize(samples, None, None).versions == {"1": 1, "2": 1}


SAMPLES = some.lists(
    some.builds(
        Sample,
        at=some.floats(0, 100),
        url=some.sampled_from(["http://a/", "http://b/"]),
        ok=some.just(True),
        seconds=some.floats(0, 10),
        version=some.sampled_from(["", "1", "2"]),
    )
    | some.builds(
        Sample,
        at=some.floats(0, 100),
        url=some.sampled_from(["http://a/", "http://b/"]),
        ok=some.just(False),
        seconds=some.floats(0, 10),
        error=some.sampled_from([f"HTTP {status}" for status in range(500, 508)]),
        reached=some.booleans(),
        resolved=some.booleans(),
    )
)
WRITES = some.none() | some.floats(0, 100)


@given(SAMPLES, some.floats(0, 100), some.floats(0, 100))
def test_nothing_is_counted_twice_or_lost(samples: list[Sample], one: float, other: float):
    impact = summarize(samples, min(one, other), max(one, other))
    right = sum(part.count for part in (impact.before, impact.during, impact.after) if part)
    assert right + impact.failed == impact.asked <= len(samples)
    assert right == sum(sample.ok for sample in samples)


@given(SAMPLES, WRITES, WRITES)
def test_the_sum_is_consistent_in_itself(samples: list[Sample], first: float | None, last: float | None):
    impact = summarize(samples, first, last)
    assert (impact.first_failed is None) == (impact.last_failed is None) == (impact.failed == 0)
    assert len(set(impact.errors)) == len(impact.errors) <= MOST_ERRORS
    assert sum(impact.versions.values()) <= impact.asked
    parts = [part for part in (impact.before, impact.during, impact.after) if part]
    assert all(part.count > 0 and part.p50 <= part.p95 for part in parts)


@given(some.permutations([sample(float(number), seconds=number / 7) for number in range(8)]))
def test_the_order_of_the_samples_does_not_matter(samples: list[Sample]):
    assert summarize(samples, 3.0, 5.0) == summarize(sorted(samples, key=lambda each: each.at), 3.0, 5.0)
