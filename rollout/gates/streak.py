"""Streaks: a gate makes up its mind when so many readings in a row agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from typing import Protocol

from rollout.model import Judgement, Verdict


class Patience(Protocol):
    """How many readings in a row it takes, as the gates that are read again and again have it."""

    @property
    def successes(self) -> int:
        """To pass."""
        ...

    @property
    def failures(self) -> int:
        """To fail."""
        ...


def judge(readings: Iterable[Judgement], gate: Patience) -> Judgement:
    """Judge readings, oldest first, by their last streak; ask after each of them.

    Inconclusive readings say nothing: they neither break a streak nor count in it.
    """
    newest_first = tuple(readings)[::-1]
    streak = last_streak(newest_first)
    if not streak:
        return newest_first[0] if newest_first else Judgement(Verdict.INCONCLUSIVE, "not measured yet")
    wanted = gate.successes if streak[0].verdict == Verdict.PASS else gate.failures
    if len(streak) >= wanted:
        return replace(streak[0], evidence=_decided(streak))
    return Judgement(Verdict.INCONCLUSIVE, f"{len(streak)} of {wanted} in a row: {streak[0].evidence}")


def last_streak(newest_first: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """The newest conclusive readings that agree, newest first."""
    conclusive = [reading for reading in newest_first if reading.verdict != Verdict.INCONCLUSIVE]
    return tuple(takewhile(lambda reading: reading.verdict == conclusive[0].verdict, conclusive))


def _decided(streak: tuple[Judgement, ...]) -> str:
    return streak[0].evidence + (f", {len(streak)} times in a row" if len(streak) > 1 else "")
