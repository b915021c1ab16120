"""The steps that a strategy gives, looked at before anything goes by them: anybody may have written it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import TypeAlias

from rollout.errors import UsageError
from rollout.model import Hold, Situation, Step

Strategy: TypeAlias = Callable[[Situation], Sequence[Step]]
"""A planner as third parties ship it: see the entry points ``rollout.strategies``."""


def steps_of(strategy: Strategy, situation: Situation, name: str) -> tuple[Step, ...]:
    """What the strategy of that name plans. Raises UsageError where that is no plan."""
    try:
        steps = tuple(strategy(situation))
    except Exception as error:
        raise _faulty(name, f"{type(error).__name__}: {error}") from error
    fault = next(_faults(steps, situation), None)
    if fault is not None:
        raise _faulty(name, fault)
    return steps


def _faulty(name: str, fault: str) -> UsageError:
    return UsageError(
        f"the strategy {name!r} (entry point of the group rollout.strategies) gives no plan: {fault}",
        "tell whoever ships it; `--strategy rolling` does without it",
    )


def _faults(steps: tuple[Step, ...], situation: Situation) -> Iterator[str]:
    """What is wrong with them, the worst first: each is asked only where those before it were not found."""
    strange = next((step for step in steps if not isinstance(step, Step) or type(step.upto) is not int), None)
    if strange is not None:
        yield f"{strange!r} is no step"
    if not steps and situation.done < situation.slots:
        yield f"no steps, and {situation.slots - situation.done} of {situation.slots} replicas to release"
    ends = [step.upto for step in steps]
    if steps and not situation.done <= ends[0]:
        yield f"its first step goes back to {ends[0]}, and {situation.done} replicas are released already"
    if not all(before < after for before, after in pairwise(ends)):
        yield f"its steps do not grow: {_listed(ends)}"
    if steps and (ends[-1] != situation.slots or ends[0] < 1):
        yield f"its steps do not end at all {situation.slots} replicas: {_listed(ends)}"
    yield from _odd_details(steps, situation)


def _odd_details(steps: tuple[Step, ...], situation: Situation) -> Iterator[str]:
    if not all(_is_hold(step.hold) for step in steps):
        yield "a pause is no time, or a negative one"
    previews = [step.preview for step in steps]
    if any(type(preview) is not int or not 0 <= preview <= situation.slots for preview in previews):
        yield f"a preview is no number of replicas from 0 to {situation.slots}"
    if any(previews[1:]):
        yield "only its first step may have a preview"


def _is_hold(hold: object) -> bool:
    if hold is None:
        return True
    return isinstance(hold, Hold) and (hold.seconds is None or _is_time(hold.seconds))


def _is_time(seconds: object) -> bool:
    return type(seconds) in {int, float} and isfinite(seconds) and seconds >= 0  # type: ignore[arg-type, operator]


def _listed(ends: Sequence[int]) -> str:
    return ", ".join(map(str, ends[:12])) + (" ..." if len(ends) > 12 else "")
