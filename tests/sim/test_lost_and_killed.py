"""Connections that break and processes that die, at every write that a deployment makes."""

from __future__ import annotations

import pytest

from rollout import pacing, spec
from rollout.errors import RolloutError
from rollout.model import OutcomeKind
from rollout.sim import Behaviour, kill
from rollout.sim.faults import Killed
from rollout.state.record import RecordState, history

WRITES = range(1, 10)
"""Lock, record, four releases with a renewal of the lock each, the last write, the end of the record, ..."""


def states(stage) -> list[RecordState]:
    return [record.state for record in history(stage.swarm.store, stage.now.id)]


@pytest.mark.parametrize("lost", ["lose_request", "lose_reply"])
@pytest.mark.parametrize("nth", WRITES)
def test_a_lost_connection_at_any_write_of_lock_and_record_changes_nothing_for_users(stage, lost, nth):
    service = stage.serve()
    load = stage.swarm.load(service, rate=60)
    getattr(stage.swarm.faults.entries, lost)(nth)
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert load.failed == 0
    assert states(stage) == [RecordState.DEPLOYED]
    assert stage.swarm.store.find({"rollout.kind": "lock"}) == ()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 16))
def test_killed_at_any_write_it_serves_on_and_the_next_deployment_finishes_it(stage, moment, nth):
    service = stage.serve()
    load = stage.swarm.load(service, rate=60)
    getattr(stage.swarm.faults.all, moment)(nth, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(120)
    assert stage.deploy().kind in {OutcomeKind.DEPLOYED, OutcomeKind.UNCHANGED}
    assert load.failed == 0
    assert stage.images_running() == {"app:2"}
    assert pacing.release_number(stage.now.spec) is None


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 10))
def test_killed_at_any_write_of_a_bad_release_the_next_deployment_ends_at_the_first_baseline(
    stage, moment, nth
):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.serve()
    before = stage.now.spec
    getattr(stage.swarm.faults.all, moment)(nth, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(120)
    assert stage.deploy().kind == OutcomeKind.ROLLED_BACK
    assert spec.same(stage.now.spec, before)
    assert stage.images_running() == {"app:1"}


def test_an_engine_that_goes_away_for_good_leaves_the_deployment_held(stage):
    stage.serve()
    stage.swarm.faults.services.after(2, lambda: stage.swarm.faults.go_away(10_000))
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.HELD


def test_a_finished_deployment_whose_record_was_never_closed_is_not_taken_for_interrupted(stage):
    """Else the next bad release would go back one release too far."""
    stage.serve()
    stage.swarm.faults.services.after(5, lambda: stage.swarm.faults.go_away(5))
    outcome = stage.deploy()
    stage.swarm.clock.sleep(120)
    assert outcome.kind in {OutcomeKind.DEPLOYED, OutcomeKind.HELD}
    stage.swarm.images["app:3"] = Behaviour(status=500)
    assert stage.deploy("app:3").kind == OutcomeKind.ROLLED_BACK
    assert stage.images_running() == {"app:2"}


def test_an_engine_that_is_away_beforehand_is_an_error_and_nothing_is_touched(stage):
    stage.serve()
    version = stage.now.version
    stage.swarm.faults.go_away(10)
    request = None
    with pytest.raises(RolloutError):
        request = stage.deploy()
    stage.swarm.clock.sleep(20)
    assert request is None
    assert stage.now.version == version
