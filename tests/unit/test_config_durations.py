"""Durations are read as Go reads them, and written so that they can be read again."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout import durations

LONGEST = 9_223_372_036


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("30s", 30),
        ("1m30s", 90),
        ("2h", 7200),
        ("1h1s", 3601),
        ("500ms", 0.5),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1.s", 1),
        ("250us", 0.00025),
        ("250\u00b5s", 0.00025),
        ("250\u03bcs", 0.00025),
        ("1ns", 1e-9),
        ("-1m30s", -90),
        ("+5s", 5),
        ("1s1m", 61),
        ("2562047h", 2562047 * 3600),
    ],
)
def test_a_duration_is_read_as_go_reads_it(text: str, seconds: float):
    assert durations.parse(text) == seconds


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("30", 'a number without unit: did you mean "30s"?'),
        ("1.5", 'a number without unit: did you mean "1.5s"?'),
        ("5d", 'in the unknown unit "d": the units are h, m, s, ms, us and ns'),
        ("5S", 'in the unknown unit "S": the units are h, m, s, ms, us and ns'),
        ("", 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("s", 'not a duration such as "30s", "1m30s" or "500ms"'),
        (".s", 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("1h!!30m", 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("1h 30m", 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("1s-2s", 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("1.2.3s", 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("\u0663s", 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("30s\n", 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("1" * 100_000, 'not a duration such as "30s", "1m30s" or "500ms"'),
        ("2562048h", 'too long: the longest duration is "2562047h"'),
    ],
)
def test_what_is_no_duration_is_refused_with_the_way_out(text: str, reason: str):
    with pytest.raises(durations.DurationError) as refused:
        durations.parse(text)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0"),
        (30, "30s"),
        (90, "1m30s"),
        (7200, "2h"),
        (3605, "1h5s"),
        (0.5, "500ms"),
        (0.0015, "1.5ms"),
        (1e-6, "1us"),
        (1e-9, "1ns"),
        (59.123456789, "59.123456789s"),
        (3599.9999999999, "1h"),
        (-90, "-1m30s"),
    ],
)
def test_a_duration_is_written_without_parts_that_say_nothing(seconds: float, text: str):
    assert durations.format(seconds) == text


@settings(deadline=None)
@given(st.floats(-LONGEST, LONGEST))
def test_what_is_written_is_read_again_to_the_nanosecond(seconds: float):
    read = durations.parse(durations.format(seconds))
    assert abs(Fraction(read) - Fraction(seconds)) <= Fraction(1, 1_000_000_000)
    assert durations.parse(durations.format(read)) == read


@settings(deadline=None)
@given(st.integers(0, 2**50))
def test_whole_nanoseconds_survive_exactly(nanoseconds: int):
    seconds = nanoseconds / 1_000_000_000
    assert durations.parse(durations.format(seconds)) == seconds


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_it_stumble(text: str):
    with suppress(durations.DurationError):
        assert isinstance(durations.parse(text), float)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf")])
def test_what_is_no_time_has_no_text(seconds: float):
    with pytest.raises((ValueError, OverflowError)):
        durations.format(seconds)
