"""Asks the probes in their own time, beside everything else: a page that hangs delays no look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from rollout.model import ProbeResult, WatchProbe
from rollout.ports import Background, Clock, Pending, Prober
from rollout.vigil.naming import name_of
from rollout.vigil.streak import Streak, after


@dataclass
class _Round:
    """One probe: its answers so far, the one that is awaited, and when the next is due."""

    probe: WatchProbe
    due: float
    streak: Streak = field(default_factory=Streak)
    pending: Pending[ProbeResult] | None = None


class Rounds:
    """All probes. One of each is under way at a time."""

    def __init__(
        self, probes: Sequence[WatchProbe], prober: Prober, background: Background, clock: Clock
    ) -> None:
        self._prober = prober
        self._background = background
        self._clock = clock
        self._rounds = [_Round(probe, clock.now()) for probe in probes]

    def turn(self) -> bool:
        """Take in what has come, ask what is due; whether a probe has begun to fail, or is well again."""
        changed = [self._collect(one) for one in self._rounds]
        for one in self._rounds:
            self._begin(one)
        return any(changed)

    def streaks(self) -> tuple[tuple[WatchProbe, Streak], ...]:
        """How each probe stands."""
        return tuple((one.probe, one.streak) for one in self._rounds)

    def believe(self, failing: frozenset[str]) -> None:
        """Take it that these probes, as alerts name them, fail until they have shown the contrary."""
        for one in self._rounds:
            if name_of(one.probe) in failing and one.streak.passed < one.probe.successes:
                one.streak = replace(one.streak, failing=True)

    def next_due(self) -> float:
        """When there is something to do, on the clock; infinity for never."""
        return min((one.due for one in self._rounds if one.pending is None), default=float("inf"))

    @property
    def asking(self) -> bool:
        """Whether an answer is awaited."""
        return any(one.pending for one in self._rounds)

    def _begin(self, one: _Round) -> None:
        if one.pending is None and self._clock.now() >= one.due:
            one.due = self._clock.now() + one.probe.every
            one.pending = self._background.begin(partial(self._prober.ask, one.probe.page))

    def _collect(self, one: _Round) -> bool:
        result = one.pending.result() if one.pending else None
        if result is None:
            return False
        one.pending, before = None, one.streak
        one.streak = after(before, result, one.probe)
        return one.streak.failing != before.failing


def ask_all(
    probes: Sequence[WatchProbe], prober: Prober, background: Background, clock: Clock
) -> tuple[tuple[WatchProbe, Streak], ...]:
    """Each probe, at once: again after a wrong answer, until it is well or has failed often enough."""
    pending = [(probe, background.begin(partial(_tried, probe, prober))) for probe in probes]
    while not all(one.result() for _, one in pending):
        clock.sleep(0.02)
    return tuple((probe, one.result() or Streak()) for probe, one in pending)


def _tried(probe: WatchProbe, prober: Prober) -> Streak:
    streak = after(Streak(), prober.ask(probe.page), probe)
    while streak.failed and not streak.failing:
        streak = after(streak, prober.ask(probe.page), probe)
    return streak
