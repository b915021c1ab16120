"""Going back costs users no more than going on: the plan says how much, and no more is taken."""

from __future__ import annotations

import pytest

from rollout.model import Batch, Image, Order, OutcomeKind
from rollout.render.facts import capacity
from rollout.returning import fewest_serving
from rollout.sim import Behaviour, kill
from rollout.sim.faults import Killed
from rollout.snapshot import slots_of

CRASHING = Behaviour(crash_after=1.0)
WRONG = Behaviour(status=500)


class Counted:
    """Ten times a second: how few slots served at any moment."""

    def __init__(self, stage) -> None:
        self.stage = stage
        self.fewest = len(stage.running())
        self._count()

    def _count(self) -> None:
        slots = slots_of(self.stage.swarm.tasks(self.stage.now.id))
        self.fewest = min(self.fewest, sum(any(task.running for task in slot.tasks) for slot in slots))
        self.stage.swarm.clock.call_later(0.1, self._count)


def spoil(stage, number: int, behaviour: Behaviour) -> None:
    """Of the new replicas one does something else than the others."""
    release = stage.swarm.registry.resolve(Image.parse("app:2"))
    stage.swarm.casting.give(stage.now.id, release, number, behaviour)


@pytest.mark.parametrize(
    ("replicas", "bad", "strategy"), [(4, 4, "rolling"), (12, 12, "rolling"), (12, 4, "ramp")]
)
def test_where_replicas_stop_first_no_more_of_them_go_back_at_once_than_a_step_has(
    stage, replicas, bad, strategy
):
    stage.serve(replicas)
    spoil(stage, bad, CRASHING)
    care = {"order": Order.STOP_FIRST, "strategy": strategy, "prepull": False}
    plan, counted = stage.plan(**care), Counted(stage)
    outcome = stage.deploy(**care)
    assert outcome.kind == OutcomeKind.ROLLED_BACK, outcome.cause
    assert counted.fewest >= fewest_serving(plan) - 1  # the one that has crashed
    assert stage.images_running() == {"app:1"}


def test_a_wrong_page_late_in_a_deployment_takes_no_replica_from_the_users(stage):
    stage.serve(12)
    spoil(stage, 11, WRONG)
    plan, counted = stage.plan(prepull=False), Counted(stage)
    outcome = stage.deploy(prepull=False)
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert counted.fewest == 12 == capacity(plan)[0]


def test_a_wrong_page_of_the_first_step_is_taken_away_before_the_old_one_is_back(stage):
    """Users are rid of it sooner, and the plan has said that one would be missing."""
    stage.serve(4)
    stage.swarm.images["app:2"] = WRONG
    plan, counted = stage.plan(prepull=False), Counted(stage)
    assert stage.deploy(prepull=False).kind == OutcomeKind.ROLLED_BACK
    assert counted.fewest == 3 == fewest_serving(plan)


def test_an_abort_stops_no_more_at_once_than_the_deployment_did(stage):
    stage.serve(6)
    stage.swarm.faults.services.after(3, kill)
    with pytest.raises(Killed):
        stage.deploy(order=Order.STOP_FIRST, batch=Batch(2), prepull=False)
    stage.swarm.clock.sleep(31)
    counted = Counted(stage)
    assert stage.abort(order=Order.STOP_FIRST).kind == OutcomeKind.ABORTED
    assert counted.fewest >= 4
    assert stage.images_running() == {"app:1"}


def test_a_replica_that_fails_on_the_way_back_does_not_leave_the_others_behind(stage):
    """One death pauses Swarm's updater, with those that still wait for their turn."""
    stage.serve(4)
    spoil(stage, 4, CRASHING)
    stage.swarm.clock.sleep(1)
    baseline = stage.swarm.registry.resolve(Image.parse("app:1"))
    stage.swarm.casting.give(stage.now.id, baseline, 5, Behaviour(crash_after=0.5))
    outcome = stage.deploy(order=Order.STOP_FIRST, prepull=False, rollback_timeout=60.0)
    assert outcome.kind == OutcomeKind.ROLLED_BACK, outcome.cause
    assert stage.images_running() == {"app:1"}
    assert len(stage.running()) == 4
