"""Waiting with an end."""

from __future__ import annotations

import time

import pytest

from rollout.deadline import within


def test_what_is_done_in_time_is_given():
    assert within(5.0, lambda: 7) == 7


def test_what_is_late_is_not_waited_for():
    assert within(0.05, lambda: time.sleep(2.0)) is None


def test_what_goes_wrong_is_nothing_and_is_not_shown(capfd: pytest.CaptureFixture[str]):
    assert within(5.0, lambda: 1 // 0) is None
    assert capfd.readouterr().err == ""
