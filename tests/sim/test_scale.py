"""What a step costs the manager: how often it is called does not depend on how many replicas there are."""

from __future__ import annotations

from collections import Counter

import pytest

from rollout.events import StepStarted
from rollout.model import Batch, OutcomeKind

READS = ("service", "services", "tasks", "released_tasks", "ended_tasks", "tasks_by_id", "nodes")
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


@pytest.mark.parametrize("replicas", [8, 80, 240])
def test_a_step_makes_no_more_calls_for_more_replicas(stage, replicas: int):
    stage.serve(replicas)
    calls = counted(stage.swarm)
    assert stage.deploy(batch=Batch(25, True), min_ready=5.0).kind == OutcomeKind.DEPLOYED
    assert len(stage.log.of(StepStarted)) == 4
    assert sum(calls.values()) / 4 < MOST_CALLS
    assert stage.swarm.faults.services.count == 5
