"""Answers to a probe in a row: when it counts as failing, and when as well again. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollout.model import ProbeResult, WatchProbe


@dataclass(frozen=True)
class Streak:
    """``passed`` and ``failed`` are in a row, ``good`` and ``bad`` in all, ``last`` is the latest answer."""

    passed: int = 0
    failed: int = 0
    good: int = 0
    bad: int = 0
    failing: bool = False
    last: ProbeResult | None = None


def after(streak: Streak, result: ProbeResult, probe: WatchProbe) -> Streak:
    """The streak with one more answer."""
    if result.ok:
        passed = streak.passed + 1
        failing = streak.failing and passed < probe.successes
        return replace(streak, passed=passed, failed=0, good=streak.good + 1, failing=failing, last=result)
    failed = streak.failed + 1
    failing = streak.failing or failed >= probe.failures
    return replace(streak, passed=0, failed=failed, bad=streak.bad + 1, failing=failing, last=result)
