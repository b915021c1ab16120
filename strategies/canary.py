"""Canary: a few replicas first, a pause in which the gates watch them, then the rest; in stages if wished."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from rollout.model import Rest, Situation, Step
from strategies import ramp, rolling

_RESTS: Mapping[Rest, Callable[[Situation], tuple[Step, ...]]] = {
    Rest.ROLLING: rolling.plan,
    Rest.RAMP: ramp.plan,
}


def plan(situation: Situation) -> tuple[Step, ...]:
    """The first stage at once, each further one by ``rest``, a pause after each but that which ends it.

    Whoever finds more done than was watched pauses there first, whoever has released it. Where the first
    stage is all there is, nothing is left to be watched: it goes by ``rest`` alone.
    """
    ends = _ends(situation)
    if not ends:
        return _RESTS[situation.rest](situation)
    steps = _unwatched(situation, ends)
    for end in ends:
        if end > situation.done:
            steps += _stage(situation, end, first=end == ends[0])
            situation = replace(situation, done=end)
    return (*steps, *_RESTS[situation.rest](situation))


def _ends(situation: Situation) -> list[int]:
    """After how many slots the stages end that have others behind them, in order."""
    ends = {stage.of(situation.slots) for stage in situation.stages}
    return sorted(end for end in ends if end < situation.slots)


def _unwatched(situation: Situation, ends: list[int]) -> list[Step]:
    """The pause that is owed: a stage has ended, by itself or before an interruption, and was not watched."""
    owed = any(situation.watched < end <= situation.done for end in ends)
    return [Step(upto=situation.done, hold=situation.pause)] if owed else []


def _stage(situation: Situation, end: int, *, first: bool) -> list[Step]:
    """The steps up to the end of a stage; the last one has its pause."""
    moved = () if first else _RESTS[situation.rest](situation)
    return [*(step for step in moved if step.upto < end), Step(upto=end, hold=situation.pause)]
