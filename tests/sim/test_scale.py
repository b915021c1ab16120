"""What a step costs the manager: how often it is called does not depend on how many replicas there are."""

from __future__ import annotations

from collections import Counter

import pytest

from rollout.events import StepStarted
from rollout.lookout import LARGE
from rollout.model import Batch, OutcomeKind

READS = ("service", "services", "tasks", "released_tasks", "ended_tasks", "tasks_by_id", "nodes")
BEFORE = 2
"""Full listings before the first step: to plan, and to forgive what has died already."""
MOST_CALLS = 160
"""A step, of some ten seconds here, with five looks a second and three calls a look."""


def counted(swarm) -> Counter[str]:
    """Count the reads from now on."""
    calls: Counter[str] = Counter()
    for name in READS:
        read = getattr(swarm, name)

        def reads(*given, name=name, read=read):
            calls[name] += 1
            return read(*given)

        setattr(swarm, name, reads)
    return calls


@pytest.mark.parametrize(("replicas", "steps"), [(8, 4), (80, 4), (240, 4), (1000, 2)])
def test_a_step_makes_no_more_calls_for_more_replicas(stage, replicas: int, steps: int):
    stage.serve(replicas)
    calls = counted(stage.swarm)
    assert (
        stage.deploy(batch=Batch(100 // steps, True), min_ready=5.0, prepull=False).kind
        == OutcomeKind.DEPLOYED
    )
    assert len(stage.log.of(StepStarted)) == steps
    assert sum(calls.values()) / steps < MOST_CALLS
    assert stage.swarm.faults.services.count == steps + 1
    assert replicas < LARGE or calls["tasks"] <= steps + BEFORE, (
        "steps shorter than 30 s: one full listing each"
    )
