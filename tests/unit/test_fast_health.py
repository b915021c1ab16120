"""Fast health: when the first probes are hurried, by how much, and when the spec is left alone."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
from builders import spec_of
from hypothesis import given
from hypothesis import strategies as some

from rollout import diff, spec
from rollout.fast_health import ImageChecks, plain, quickened
from rollout.model import Healthcheck, Spec

SECOND = 1_000_000_000
DOCKER_25 = (1, 44)
DOCKER_24 = (1, 43)
PLAIN = Healthcheck(test=("CMD", "true"), interval=10.0, retries=3)
"""An image's usual check: an interval and no more."""


def spec_with(**own: Any) -> dict[str, Any]:
    made = spec_of()
    if own:
        made["TaskTemplate"]["ContainerSpec"]["Healthcheck"] = own
    return made


def in_effect(target: Spec, image_check: Healthcheck) -> Healthcheck:
    return spec.healthcheck(target, image_check)


def test_what_the_spec_leaves_out_comes_from_the_image():
    own = spec_with(Interval=5 * SECOND, Retries=0, Timeout=None)
    image = Healthcheck(("CMD", "x"), interval=10.0, timeout=3.0, retries=4, start_period=7.0)
    assert in_effect(own, image) == replace(image, interval=5.0)
    assert in_effect(spec_of(), image) == image


def test_none_switches_the_images_check_off():
    assert not in_effect(spec_with(Test=["NONE"]), PLAIN).checks


def test_a_check_without_start_interval_is_asked_every_half_second_for_one_interval():
    quick = in_effect(quickened(spec_of(), PLAIN, DOCKER_25), PLAIN)
    assert quick.start_interval == pytest.approx(0.5)
    assert quick.start_period == pytest.approx(10.0)
    assert quick.start_period >= quick.interval
    assert (quick.test, quick.interval, quick.retries) == (PLAIN.test, PLAIN.interval, PLAIN.retries)


def test_the_engines_own_interval_of_30_seconds_counts_where_none_is_set():
    check = Healthcheck(test=("CMD", "true"))
    assert in_effect(quickened(spec_of(), check, DOCKER_25), check).start_period == pytest.approx(30.0)


def test_the_test_itself_stays_the_images():
    """So a new image may bring another one."""
    target = quickened(spec_of(), PLAIN, DOCKER_25)
    assert set(spec.own_healthcheck(target)) == {"StartInterval", "StartPeriod"}


def test_a_start_period_that_is_there_is_not_touched():
    check = replace(PLAIN, start_period=40.0)
    assert set(spec.own_healthcheck(quickened(spec_of(), check, DOCKER_25))) == {"StartInterval"}
    own = spec_with(StartPeriod=40 * SECOND)
    assert in_effect(quickened(own, PLAIN, DOCKER_25), PLAIN).start_period == 40.0


@pytest.mark.parametrize(
    ("why", "target", "check", "api"),
    [
        ("the engine does not know start intervals", spec_of(), PLAIN, DOCKER_24),
        ("the image checks nothing", spec_of(), Healthcheck(), DOCKER_25),
        ("checks are switched off", spec_with(Test=["NONE"]), PLAIN, DOCKER_25),
        ("nobody knows the image", spec_of(), None, DOCKER_25),
        ("the interval is an unknown image's", spec_with(Test=["CMD", "x"]), None, DOCKER_25),
        ("the image has a start interval", spec_of(), replace(PLAIN, start_interval=3.0), DOCKER_25),
        ("the spec has one", spec_with(StartInterval=3 * SECOND), PLAIN, DOCKER_25),
        ("checks are that frequent anyway", spec_of(), replace(PLAIN, interval=0.2), DOCKER_25),
        ("the engine's first probe comes after it", spec_of(), replace(PLAIN, start_period=2.0), DOCKER_25),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_the_spec_is_left_alone_where(
    why: str, target: Spec, check: Healthcheck | None, api: tuple[int, int]
) -> None:
    assert quickened(target, check, api) is target, why


def test_a_check_of_the_specs_own_needs_no_image():
    own = spec_with(Test=["CMD", "x"], Interval=5 * SECOND)
    assert spec.healthcheck(quickened(own, None, DOCKER_25), None).start_interval == pytest.approx(0.5)


def test_the_next_image_brings_its_own_start_period_and_keeps_it():
    """Ours, left in the spec, would cut it short: the image's times count only where the spec has none."""
    before = quickened(spec_of(), PLAIN, DOCKER_25)
    slow = replace(PLAIN, start_period=60.0)
    assert in_effect(quickened(before, slow, DOCKER_25), slow).start_period == 60.0
    unhurried = replace(PLAIN, start_interval=4.0)
    assert in_effect(quickened(before, unhurried, DOCKER_25), unhurried) == unhurried


def test_taken_back_nothing_of_it_is_left():
    for own in ({}, {"Test": ["CMD", "x"], "Interval": SECOND}):
        assert plain(quickened(spec_with(**own), PLAIN, DOCKER_25)) == spec_with(**own)


def test_what_a_person_wrote_is_not_taken_back():
    own = spec_with(StartInterval=SECOND // 2, StartPeriod=10 * SECOND)
    assert plain(own) is own


def test_a_guess_from_the_present_image_adds_no_start_period():
    """The new image may bring a longer one."""
    assert ImageChecks(new=None, present=PLAIN).dependable is None
    patient = replace(PLAIN, start_period=20.0)
    guess = ImageChecks(new=None, present=patient).dependable
    assert set(spec.own_healthcheck(quickened(spec_of(), guess, DOCKER_25))) == {"StartInterval"}


def test_the_new_images_own_check_is_better_than_any_guess():
    assert ImageChecks(new=Healthcheck(), present=PLAIN).dependable == Healthcheck()


def test_the_plan_names_the_two_times_as_people_write_them():
    changes = diff.changes(spec_of(), quickened(spec_of(), PLAIN, DOCKER_25))
    assert [(change.path.rpartition(".")[2], change.before, change.after) for change in changes] == [
        ("StartInterval", None, "500ms"),
        ("StartPeriod", None, "10s"),
    ]


times = some.one_of(some.just(0), some.integers(1_000_000, 600 * SECOND))
tests = some.sampled_from([[], ["NONE"], ["CMD", "x"], ["CMD-SHELL", "x"]])
specs = some.builds(
    spec_with, Test=tests, Interval=times, StartPeriod=times, StartInterval=times, Retries=some.integers(0, 5)
)
checks = some.builds(
    lambda test, interval, period, start: Healthcheck(
        tuple(test), interval / SECOND, 0.0, 0, period / SECOND, start / SECOND
    ),
    tests,
    times,
    times,
    times,
)


@given(specs, some.none() | checks)
def test_a_second_time_changes_nothing(target: Spec, check: Healthcheck | None) -> None:
    once = quickened(target, check, DOCKER_25)
    assert quickened(once, check, DOCKER_25) == once


@given(specs, some.none() | checks)
def test_only_what_is_zero_is_ever_filled_in(target: Spec, check: Healthcheck | None) -> None:
    untouched = copy.deepcopy(target)
    after = spec.own_healthcheck(quickened(target, check, DOCKER_25))
    assert target == untouched
    for key, value in spec.own_healthcheck(plain(target)).items():
        assert not value or after[key] == value


@given(specs, checks)
def test_a_failure_counts_one_interval_after_the_start_at_the_latest_as_ever(
    target: Spec, check: Healthcheck
) -> None:
    """Within a start period failures do not count: ours ends when the first probe was due without us."""
    before = in_effect(plain(target), check)
    after = in_effect(quickened(target, check, DOCKER_25), check)
    if before.start_period:
        assert after.start_period == before.start_period
    else:
        assert after.start_period <= (before.interval or 30.0) + 0.002
    assert (after.test, after.interval, after.retries) == (before.test, before.interval, before.retries)
