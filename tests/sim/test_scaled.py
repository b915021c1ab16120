"""Somebody scales the service while it is being deployed: that is honoured, and the deployment goes on."""

from __future__ import annotations

import pytest

from rollout import pacing, spec
from rollout.events import Note, ReleaseFailed, StepStarted
from rollout.model import Batch, OnFailure, OutcomeKind
from rollout.revisions import of_service
from rollout.sim import Behaviour, kill
from rollout.sim.faults import Killed
from rollout.state.record import history

MOMENTS = [0.5, 3.0, 6.0, 9.0, 12.0, 15.0, 18.0]


def scale(stage, replicas: int) -> None:
    edited = spec.raw(stage.now.spec)
    edited["Mode"] = {"Replicated": {"Replicas": replicas}}
    stage.swarm.update(stage.now, edited, None)


def scaled(stage, replicas: int, at: float) -> None:
    stage.swarm.clock.call_later(at, lambda: scale(stage, replicas))


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
    assert pacing.release_number(stage.now.spec) is None
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


def test_it_is_told_and_is_one_deployment_with_one_record(stage):
    stage.serve(4)
    scaled(stage, 6, 5.0)
    outcome = stage.deploy(prepull=False)
    assert any("scaled from 4 to 6" in note.sentence for note in stage.log.of(Note))
    assert [one.revision for one in history(stage.swarm.store, stage.now.id)] == [1]
    assert (outcome.replaced, outcome.slots) == (6, 6)
    (told,) = of_service(stage.swarm, stage.swarm.store, stage.now)
    assert (told.replaced, told.slots) == (6, 6)
    assert told.passages[-1].ended is not None
    assert [passage.upto for passage in told.passages][-1] == 6


@pytest.mark.parametrize("replicas", [0, 2])
@pytest.mark.parametrize("at", [2.5, 14.0])
def test_fewer_replicas_are_never_held_against_the_release(stage, replicas, at):
    stage.serve(4)
    scaled(stage, replicas, at)
    began = stage.swarm.clock.now()
    outcome = stage.deploy(prepull=False, on_failure=OnFailure.HOLD, bake=10.0, probes=())
    assert outcome.kind == OutcomeKind.DEPLOYED, outcome.cause
    assert stage.log.of(ReleaseFailed) == []
    assert stage.swarm.clock.now() - began < 60
    assert spec.replicas(stage.now.spec) == replicas


@pytest.mark.parametrize("at", [0.1, 0.5])
def test_scaled_before_anything_was_touched_it_goes_on(stage, at):
    stage.serve(4)
    scaled(stage, 6, at)
    assert stage.deploy().kind == OutcomeKind.DEPLOYED
    assert len(stage.running()) == 6


@pytest.mark.parametrize("at", MOMENTS)
def test_an_undo_goes_on_to_where_it_was_going(stage, at):
    stage.serve(4)
    stage.deploy(prepull=False)
    scaled(stage, 6, at)
    assert stage.undo(prepull=False).kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:1"}
    stage.swarm.clock.sleep(20)
    assert len(stage.running()) == 6


def test_what_the_tag_means_by_now_is_of_no_account(stage):
    stage.serve(4)
    planned = stage.plan().new_image
    scaled(stage, 6, 5.0)
    stage.swarm.clock.call_later(4.0, lambda: stage.swarm.images.update({"app:2": Behaviour(status=500)}))
    assert stage.deploy(prepull=False).kind == OutcomeKind.DEPLOYED
    assert spec.image(stage.now.spec) == planned


def test_a_registry_that_is_away_by_then_does_not_matter(stage):
    stage.serve(4)
    scaled(stage, 6, 5.0)
    stage.swarm.clock.call_later(4.5, lambda: stage.swarm.registry.go_away(3600))
    assert stage.deploy(prepull=False).kind != OutcomeKind.REFUSED
    assert spec.replicas(stage.now.spec) == 6


@pytest.mark.parametrize("replicas", [2, 6])
@pytest.mark.parametrize("after", [0.0, 0.5, 2.0, 4.0])
def test_scaled_on_the_way_back_the_bad_release_is_not_written_again(stage, replicas, after):
    stage.serve(4)
    stage.swarm.images["app:2"] = Behaviour(sick_after=9.0)
    stage.log.when(ReleaseFailed, lambda: scaled(stage, replicas, after))
    outcome = stage.deploy(prepull=False, bake=30.0)
    started = [isinstance(event, ReleaseFailed) for event in stage.log.events].index(True)
    assert outcome.kind == OutcomeKind.ROLLED_BACK, outcome.cause
    assert [one for one in stage.log.events[started:] if isinstance(one, StepStarted)] == []
    stage.swarm.clock.sleep(30)
    assert stage.images_running() == {"app:1"}
    assert len(stage.running()) == replicas
    assert pacing.rollback_number(stage.now.spec) == 0


@pytest.mark.parametrize("replicas", [2, 6])
def test_an_abort_ends_with_the_replicas_that_were_asked_for(stage, replicas):
    stage.serve(4)
    stage.swarm.faults.services.after(2, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(31)
    scaled(stage, replicas, 1.5)
    assert stage.abort().kind == OutcomeKind.ABORTED
    stage.swarm.clock.sleep(30)
    assert stage.images_running() == {"app:1"}
    assert len(stage.running()) == replicas


def test_a_write_whose_reply_was_lost_is_known_though_it_was_scaled_since(stage):
    stage.serve(4)
    writes = stage.swarm.faults.services
    writes.after(2, lambda: scale(stage, 6))
    writes.lose_reply(2)
    assert stage.deploy(prepull=False).kind == OutcomeKind.DEPLOYED
    assert len(stage.running()) == 6
