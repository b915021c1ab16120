"""How long a deployment should take, by how long earlier ones of the same service took. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

from rollout.model import Plan
from rollout.planning import pauses
from rollout.revisions import Revision, of_record
from rollout.state.record import Record, RecordState


def timed(plan: Plan, records: Sequence[Record]) -> Plan:
    """The plan with the time that its steps should take; where no record tells, its own guess stays."""
    steps = tuple(_seconds_a_step(of_record(record) for record in records))
    if not steps or not plan.steps:
        return plan
    seconds = len(plan.steps) * median(steps) + plan.options.bake + pauses(plan.steps)
    return replace(plan, seconds=seconds, precedents=len(steps))


def _seconds_a_step(revisions: Iterator[Revision]) -> Iterator[float]:
    """What a step took, all told, in each deployment that came to its end as planned."""
    for one in revisions:
        if one.outcome != RecordState.DEPLOYED or not one.steps or one.seconds is None or one.bake is None:
            continue
        yield max(0.0, one.seconds - one.bake - one.paused) / len(one.steps)
