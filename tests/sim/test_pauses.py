"""Nobody's pause is skipped: what was not watched, or not promoted, is paused at, however it came about."""

from __future__ import annotations

import pytest

from rollout import spec
from rollout.events import HoldEnded, HoldStarted, StepStarted
from rollout.model import Batch, Hold, OutcomeKind
from rollout.sim import kill
from rollout.sim.faults import Killed
from rollout.state.halt import Halts
from rollout.state.promotion import Promotions
from tests.sim.test_scaled import scaled

UNTIL_PROMOTED = {"strategy": "canary", "pause": Hold(), "prepull": False}


def give_up(stage, at: float) -> None:
    """Somebody asks it to hold: nobody will ever promote it."""
    stage.swarm.clock.call_later(at, lambda: Halts(stage.swarm.store, stage.now.id).ask("bob"))


def promote(stage, at: float) -> None:
    stage.swarm.clock.call_later(at, lambda: Promotions(stage.swarm.store, stage.now.id).give("ann"))


def crash_an_old_one(stage) -> None:
    old = next(task for task in stage.running() if task.image.tag == "1")
    stage.swarm.crash(old.id)


def killed(stage, at: float, **care) -> None:
    stage.swarm.clock.call_later(at, kill)
    with pytest.raises(Killed):
        stage.deploy(**care)
    for lock in stage.swarm.store.find({"rollout.kind": "lock"}):
        stage.swarm.store.remove(lock)
    stage.log.events.clear()


def on_target(stage) -> int:
    return sum(task.image.tag == "2" for task in stage.running())


@pytest.mark.parametrize("mishap", ["an election", "a crash of an old replica"])
def test_what_a_mishap_has_released_in_the_pause_is_paused_at_by_who_resumes(stage, mishap):
    stage.serve(4)
    act = stage.swarm.elect_leader if mishap == "an election" else lambda: crash_an_old_one(stage)
    stage.swarm.clock.call_later(20.0, act)
    killed(stage, 40.0, **UNTIL_PROMOTED)
    assert on_target(stage) == 2
    give_up(stage, 120.0)
    outcome = stage.resume(**UNTIL_PROMOTED)
    assert (outcome.kind, len(stage.log.of(HoldStarted))) == (OutcomeKind.HELD, 1)
    assert on_target(stage) == 2


@pytest.mark.parametrize("replicas", [2, 3, 6])
def test_scaled_in_the_pause_it_goes_on_pausing(stage, replicas):
    stage.serve(4)
    scaled(stage, replicas, 30.0)
    give_up(stage, 120.0)
    assert stage.deploy(**UNTIL_PROMOTED).kind == OutcomeKind.HELD
    assert stage.images_running() == {"app:1", "app:2"} or replicas == 2


def test_a_pause_that_is_over_is_not_begun_anew_by_scaling(stage):
    stage.serve(4)
    promote(stage, 20.0)
    scaled(stage, 6, 32.0)
    outcome = stage.deploy(**UNTIL_PROMOTED, min_ready=8.0)
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert len(stage.log.of(HoldEnded)) == len(stage.log.of(HoldStarted)) == 1


def test_who_resumes_after_the_promotion_goes_on_without_another_one(stage):
    stage.serve(4)
    promote(stage, 20.0)
    killed(stage, 30.0, **UNTIL_PROMOTED, min_ready=8.0)
    assert stage.resume(**UNTIL_PROMOTED).kind == OutcomeKind.DEPLOYED
    assert stage.log.of(HoldStarted) == []


def test_it_is_remembered_over_two_interruptions(stage):
    stage.serve(6)
    promote(stage, 20.0)
    killed(stage, 30.0, **UNTIL_PROMOTED, min_ready=8.0)
    stage.swarm.clock.call_later(12.0, kill)
    with pytest.raises(Killed):
        stage.resume(**UNTIL_PROMOTED, min_ready=8.0)
    for lock in stage.swarm.store.find({"rollout.kind": "lock"}):
        stage.swarm.store.remove(lock)
    assert stage.resume(**UNTIL_PROMOTED).kind == OutcomeKind.DEPLOYED
    assert stage.log.of(HoldStarted) == []


def test_another_release_is_watched_from_its_own_beginning(stage):
    stage.serve(4)
    promote(stage, 20.0)
    killed(stage, 30.0, **UNTIL_PROMOTED, min_ready=8.0)
    stage.swarm.images["app:3"] = stage.swarm.images["app:2"]
    give_up(stage, 120.0)
    assert stage.deploy("app:3", **UNTIL_PROMOTED).kind == OutcomeKind.HELD
    assert stage.log.of(HoldStarted)


def test_that_it_cannot_be_written_down_fails_nothing(stage):
    stage.serve(4)
    promote(stage, 20.0)
    writes = stage.swarm.faults.entries
    stage.log.when(HoldEnded, lambda: writes.lose_request(writes.count + 1))
    assert stage.deploy(**UNTIL_PROMOTED).kind == OutcomeKind.DEPLOYED


def test_a_first_stage_of_all_replicas_is_no_single_step(stage):
    stage.serve(4)
    outcome = stage.deploy(strategy="canary", stages=(Batch(5),), pause=Hold(60.0))
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert [step.upto for step in stage.log.of(StepStarted)] == [1, 2, 3, 4]
    assert spec.replicas(stage.now.spec) == 4
