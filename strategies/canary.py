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

    Whoever comes back to the end of a stage does not know whether its pause was over: it begins anew.
    """
    steps: list[Step] = []
    for end in _ends(situation):
        steps += _stage(situation, end)
        situation = replace(situation, done=max(situation.done, end))
    return tuple(steps)


def _ends(situation: Situation) -> list[int]:
    """After how many slots the stages end, in order, and the whole at last."""
    ends = {stage.of(situation.slots) for stage in situation.stages}
    return sorted({min(end, situation.slots) for end in ends} | {situation.slots})


def _stage(situation: Situation, end: int) -> list[Step]:
    """The steps up to the end of a stage; the last one has its pause."""
    if end < situation.done or end == situation.done == situation.slots:
        return []
    steps = _moves(situation, end)
    if end < situation.slots:
        steps[-1] = replace(steps[-1], hold=situation.pause)
    return steps


def _moves(situation: Situation, end: int) -> list[Step]:
    if end == situation.done or end == _ends(situation)[0]:
        return [Step(upto=end)]
    moved = _RESTS[situation.rest](situation)
    return [step for step in moved if step.upto < end] + [Step(upto=end)]
