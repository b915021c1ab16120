"""Ramp: each batch twice as large as the one before, so that many replicas take few steps."""

from __future__ import annotations

from rollout.model import Situation, Step


def plan(situation: Situation) -> tuple[Step, ...]:
    """Steps of 1, 2, 4, 8 … batches; from where an interrupted ramp stopped, the same sizes follow."""
    first, ends, upto = situation.batch.of(situation.slots), [], situation.done
    while upto < situation.slots:
        upto = min(2 * upto + first, situation.slots)
        ends.append(upto)
    return tuple(Step(upto=end) for end in ends)
