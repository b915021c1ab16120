"""In global mode nodes come and go while it is being deployed: each gets the release at the plan's pace."""

from __future__ import annotations

import pytest

from rollout.events import GateJudged, Observed, StepPassed, StepStarted
from rollout.model import Batch, OutcomeKind
from rollout.sim import Behaviour


def joins(stage, at: float) -> None:
    stage.swarm.clock.call_later(at, lambda: stage.swarm.machines.join("node-4"))


@pytest.mark.parametrize("at", [1.0, 3.0, 6.0, 8.0, 12.0, 16.0, 20.0])
def test_a_node_that_joins_runs_the_release_too_when_the_deployment_says_so(stage, at):
    stage.serve(None)
    joins(stage, at)
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.DEPLOYED, outcome.cause
    assert stage.images_running() == {"app:2"}, "at the moment of the last word"
    assert outcome.replaced == outcome.slots


def test_its_replica_is_proved_like_the_others(stage):
    """A release that goes wrong only there is taken back."""
    stage.serve(None)
    joins(stage, 1.0)
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.DEPLOYED
    started = stage.log.of(StepStarted)
    assert sum(step.release for step in started) == 4
    assert max(step.release for step in started) == 1
    assert (stage.log.of(StepPassed)[-1].done, stage.log.of(StepPassed)[-1].slots) == (4, 4)
    after_last = stage.log.events[stage.log.events.index(started[-1]) :]
    assert any(isinstance(event, GateJudged) for event in after_last)


def test_a_batch_is_never_exceeded_where_a_node_joins(stage):
    stage.swarm.machines.add(5)
    stage.serve(None)
    joins(stage, 1.0)
    assert stage.deploy(batch=Batch(2)).kind == OutcomeKind.DEPLOYED
    moving = [sum(slot.touched and not slot.done for slot in event.slots) for event in stage.log.of(Observed)]
    assert max(moving) <= 2


def test_a_bad_release_that_met_a_new_node_is_taken_back_there_too(stage):
    stage.serve(None)
    stage.swarm.images["app:2"] = Behaviour(sick_after=20.0)
    joins(stage, 5.0)
    outcome = stage.deploy(bake=60.0)
    assert outcome.kind == OutcomeKind.ROLLED_BACK, outcome.cause
    assert stage.images_running() == {"app:1"}
    assert len(stage.running()) == 4
