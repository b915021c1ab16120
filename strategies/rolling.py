"""Rolling: one batch after the other, each of the same size, until every slot runs the target."""

from __future__ import annotations

from rollout.model import Situation, Step


def plan(situation: Situation) -> tuple[Step, ...]:
    """The steps from the slots that are done to all of them; the last one may be smaller."""
    size = situation.batch.of(situation.slots)
    ends = range(situation.done + size, situation.slots + size, size)
    return tuple(Step(upto=min(end, situation.slots)) for end in ends)
