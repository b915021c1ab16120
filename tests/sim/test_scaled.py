"""Somebody scales the service while it is being deployed: that is honoured, and the deployment goes on."""

from __future__ import annotations

import pytest

from rollout import spec
from rollout.events import Note
from rollout.model import Batch, OutcomeKind
from rollout.sim import Behaviour

MOMENTS = [0.5, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0]


def scaled(stage, replicas: int, at: float) -> None:
    def scale() -> None:
        edited = spec.raw(stage.now.spec)
        edited["Mode"] = {"Replicated": {"Replicas": replicas}}
        stage.swarm.update(stage.now, edited, None)

    stage.swarm.clock.call_later(at, scale)


@pytest.mark.parametrize("replicas", [2, 6])
@pytest.mark.parametrize("at", MOMENTS)
@pytest.mark.parametrize("batch", [1, 2])
def test_the_deployment_ends_with_the_replicas_that_were_asked_for(stage, replicas, at, batch):
    load = stage.swarm.load(stage.serve(4), rate=60)
    scaled(stage, replicas, at)
    outcome = stage.deploy(batch=Batch(batch), prepull=False)
    stage.swarm.clock.sleep(30)
    assert outcome.kind == OutcomeKind.DEPLOYED, outcome.cause
    assert spec.replicas(stage.now.spec) == replicas
    assert spec.release_number(stage.now.spec) is None
    assert stage.images_running() == {"app:2"}
    running = [task for task in stage.swarm.tasks(stage.now.id) if task.running]
    assert len(running) == replicas
    assert load.failed == 0


@pytest.mark.parametrize("replicas", [2, 6])
def test_a_bad_release_goes_back_to_the_baseline_at_the_new_scale(stage, replicas):
    stage.swarm.images["app:2"] = Behaviour(sick_after=12.0)
    stage.serve(4)
    scaled(stage, replicas, 5.0)
    outcome = stage.deploy(prepull=False, bake=30.0)
    stage.swarm.clock.sleep(30)
    assert outcome.kind == OutcomeKind.ROLLED_BACK, outcome.cause
    assert spec.replicas(stage.now.spec) == replicas
    assert stage.images_running() == {"app:1"}


def test_it_is_told(stage):
    stage.serve(4)
    scaled(stage, 6, 5.0)
    stage.deploy(prepull=False)
    assert any("scaled" in note.sentence for note in stage.log.of(Note))
