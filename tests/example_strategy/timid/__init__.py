"""Timid: one replica, an hour to think about it, then all the others."""

from __future__ import annotations

from rollout.model import Hold, Situation, Step

AN_HOUR = Hold(3600.0)


def plan(situation: Situation) -> tuple[Step, ...]:
    """The steps from the slots that are done to all of them."""
    ends = sorted(end for end in {1, situation.slots} if situation.done < end)
    return tuple(Step(upto=end, hold=AN_HOUR if end < situation.slots else None) for end in ends)
