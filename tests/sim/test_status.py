"""What `rollout status` says of a service, before, during and after a deployment."""

from __future__ import annotations

import pytest

from rollout.cli.status import service_line
from rollout.model import Order
from rollout.overview import Overview, last_error, survey
from rollout.render.status import state_of
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


def state(stage) -> str:
    """In words, as `rollout status` has it."""
    return state_of(service_line(look(stage), stage.swarm.now())).text


def test_one_that_was_killed_is_called_interrupted_since_its_last_sign_of_life(stage):
    stage.serve()
    stage.swarm.clock.sleep(3600)
    stage.swarm.faults.services.after(2, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(185)
    assert state(stage) == "interrupted 3m 05s ago (deployment 1 by ann@desk): 2 of 4 on the target"
    assert service_line(look(stage), stage.swarm.now()).left.ways_on.startswith("`rollout resume site`")


def test_one_that_stands_still_because_it_was_told_to_is_called_held(stage):
    stage.serve()
    heard = []
    stage.swarm.faults.services.after(1, lambda: heard.append(2))
    stage.deploy(interrupted=lambda: heard[0] if heard else None)
    stage.swarm.clock.sleep(65)
    assert state(stage) == "held 1m 05s ago (deployment 1 by ann@desk): 1 of 4 on the target"


def test_a_rollback_that_failed_is_shown_with_the_way_to_try_it_again(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.serve()
    slow = Behaviour(start_seconds=30)
    stage.swarm.faults.services.after(1, lambda: stage.swarm.images.update({"app:1": slow}))
    stage.deploy(order=Order.STOP_FIRST, rollback_timeout=10.0)
    assert state(stage).startswith("rollback failed 0s ago (deployment 1 by ann@desk)")
    shown = service_line(look(stage), stage.swarm.now())
    assert shown.left.ways_on == "`rollout abort site` tries the way back again"
    stage.swarm.clock.sleep(60)
    stage.abort()
    assert look(stage).unfinished is None


def test_a_replica_that_cannot_start_shows_its_last_error(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(health=Health.BAD)
    stage.swarm.faults.services.after(1, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(20)
    wrong = [last_error(slot) for slot in look(stage).snapshot.slots]
    assert sorted(wrong) == ["", "", "", "the task before ended by itself: complete"]
