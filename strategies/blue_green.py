"""Blue-green: the whole target stands and is tried beside the baseline, then all slots switch at once."""

from __future__ import annotations

from rollout.model import Situation, Step


def plan(situation: Situation) -> tuple[Step, ...]:
    """One step for all; where the switch has begun already, there is nothing to try beforehand any more."""
    if situation.done >= situation.slots:
        return ()
    return (Step(upto=situation.slots, preview=0 if situation.done else situation.slots),)
