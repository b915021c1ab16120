"""Searching with patterns of others: the answer of ``re``, and an end."""

from __future__ import annotations

import re
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rollout.matching import Matcher

MATCHER = Matcher()
PATTERNS = ["a", "^a$", "[ab]c", "a+b", "(ab)*c", "b{2,3}", "a.*b.*c", "(?i)AB+"]


@settings(max_examples=50, deadline=None)
@given(some.sampled_from(PATTERNS), some.text("abc\n\u00e4\u2028\U0001f600", max_size=30))
def test_a_search_finds_what_re_finds(pattern: str, text: str) -> None:
    assert MATCHER.search(pattern, text, 5.0) is (re.search(pattern, text) is not None)


def test_a_pattern_that_runs_away_is_given_up_and_the_next_search_is_answered() -> None:
    matcher = Matcher()
    begun = time.monotonic()
    assert matcher.search("(a+)+b", "a" * 60, 0.3) is None
    assert time.monotonic() - begun < 2
    assert matcher.search("a+", "a", 5.0) is True


def test_a_long_line_is_no_way_to_hang_either() -> None:
    assert Matcher().search(".*word", "x" * (1 << 20), 0.3) is None


def test_a_process_that_was_killed_is_replaced() -> None:
    matcher = Matcher()
    assert matcher.search("a+", "a", 5.0)
    process = matcher._process
    assert process is not None
    process.kill()
    process.wait()
    assert matcher.search("a+", "a", 5.0) is None
    assert matcher.search("a+", "a", 5.0) is True


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(re.error):
        Matcher().search("(a+", "a", 1.0)


def test_a_plain_word_needs_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    assert Matcher().search("Welcome", "Welcome back", 1.0) is True
