"""What `rollout status` says of a service, before, during and after a deployment."""

from __future__ import annotations

import pytest

from rollout.overview import Overview, last_error, survey
from rollout.sim import Behaviour, Health, kill
from rollout.sim.faults import Killed


def look(stage) -> Overview:
    return survey(stage.swarm, stage.swarm.store, (stage.now,))[0]


def test_a_service_at_rest_shows_its_replicas_and_no_deployment(stage):
    stage.serve()
    seen = look(stage)
    assert (seen.running, seen.wanted, seen.unfinished) == (4, 4, None)


def test_a_deployment_under_way_shows_who_is_at_work_and_how_far(stage):
    stage.serve()
    seen = []
    stage.swarm.faults.services.before(3, lambda: seen.append(look(stage)))
    stage.deploy()
    assert seen[0].unfinished.holder == "ann@desk"
    assert seen[0].unfinished.on_target == 2
    assert look(stage).unfinished is None


def test_an_abandoned_deployment_shows_that_nobody_is_at_work(stage):
    stage.serve()
    stage.swarm.faults.services.before(2, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(60)
    assert look(stage).unfinished.holder == ""
    assert look(stage).unfinished.on_target == 1


def test_a_replica_that_cannot_start_shows_its_last_error(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(health=Health.BAD)
    stage.swarm.faults.services.after(1, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(20)
    wrong = [last_error(slot) for slot in look(stage).snapshot.slots]
    assert sorted(wrong) == ["", "", "", "the task before ended by itself: complete"]
