"""Fast health in a plan: it comes with a release, and never restarts a replica for its own sake."""

from __future__ import annotations

import pytest

from rollout import spec
from rollout.model import OutcomeKind, PlanKind

SECOND = 1_000_000_000
OWN = {"Test": ["CMD", "true"], "Interval": 10 * SECOND}


@pytest.fixture
def modern(stage):
    """Engines that know start intervals, and a service with a health check of its own."""
    stage.swarm.api = (1, 44)
    stage.serve(TaskTemplate={"ContainerSpec": {"Healthcheck": OWN}})
    return stage


def added(plan) -> set[str]:
    return {change.path.rpartition(".")[2] for change in plan.changes if ".Healthcheck." in change.path}


def test_a_release_gets_a_start_interval_and_the_plan_says_so(modern):
    assert added(modern.plan()) == {"StartInterval", "StartPeriod"}


def test_older_engines_are_sent_nothing_that_they_do_not_know(modern):
    modern.swarm.api = (1, 43)
    assert added(modern.plan()) == set()


def test_the_same_release_again_restarts_nothing_to_be_faster(modern):
    assert modern.plan("app:1").changes != ()
    modern.deploy("app:1", fast_health=False)
    assert modern.plan("app:1").kind == PlanKind.UNCHANGED


def test_what_a_deployment_has_added_is_no_reason_for_another(modern):
    assert modern.deploy().kind == OutcomeKind.DEPLOYED
    assert modern.plan().kind == PlanKind.UNCHANGED
    assert modern.plan(fast_health=False).kind == PlanKind.UNCHANGED


def test_switched_off_the_next_release_takes_it_back(modern):
    modern.deploy()
    modern.deploy("app:1", fast_health=False)
    assert spec.own_healthcheck(modern.now.spec) == OWN


def test_the_image_that_no_manager_has_seen_is_left_alone(stage):
    """It may bring a longer start period than the present one."""
    stage.swarm.api = (1, 44)
    stage.serve()
    assert added(stage.plan()) == set()
    assert added(stage.plan("app:1", force=True)) == {"StartInterval", "StartPeriod"}


def test_a_release_cut_off_half_way_goes_on_to_the_target_that_it_began(modern):
    """Even if more is known of its image by now: its replicas would all be replaced once more."""
    target = modern.plan().target
    modern.swarm.faults.services.before(2, lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        modern.deploy()
    modern.swarm.clock.sleep(60)
    again = modern.plan(fast_health=False)
    assert spec.same(again.target, target)
    assert again.done == 1
