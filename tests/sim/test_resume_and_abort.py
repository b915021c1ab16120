"""A deployment that did not come to its end: taken up again, or taken back, wherever it was cut off."""

from __future__ import annotations

import pytest

from rollout import spec
from rollout.errors import ExitCode, Locked, Refused, exit_code_of
from rollout.model import CauseKind, OnInterrupt, OutcomeKind, TaskState
from rollout.sim import Behaviour, Health
from rollout.sim.faults import Killed
from rollout.state.record import RecordState, history

REPLICAS = 4
MOMENTS = ["before", "after"]
ALL_WRITES = range(1, 21)
"""More than any of these deployments makes, so that the last ones see a deployment that was never cut off."""


class Capacity:
    """The fewest replicas that served at any time."""

    def __init__(self, stage, service) -> None:
        self._stage, self._service_id = stage, service.id
        self.fewest = self._now()
        stage.swarm._memory.after_change.append(self._look)

    def _look(self, _change: object) -> None:
        self.fewest = min(self.fewest, self._now())

    def _now(self) -> int:
        tasks = self._stage.swarm._memory.tasks_of(self._service_id)
        return sum(task.wanted and task.state == TaskState.RUNNING for task in tasks)


def states(stage) -> list[RecordState]:
    return [record.state for record in history(stage.swarm.store, stage.now.id)]


def unfinished(stage) -> bool:
    """Whether the service was left somewhere between the baseline's spec and the target's."""
    config = stage.now.spec.get("UpdateConfig") or {}
    return config.get("Monitor") == spec.HOLD_DELAY


def deploy_and_die(stage, moment: str, nth: int) -> None:
    """A deployment whose process is killed at its nth write, if there are as many."""
    getattr(stage.swarm.faults.all, moment)(nth, stage.swarm.faults.die)
    try:
        stage.deploy()
    except Killed:
        stage.swarm.faults.be_called_anew()


def go_on(stage, act, pause: float):
    """Resume or abort, unless nothing is unfinished: then that is what it says."""
    stage.swarm.clock.sleep(pause)
    if not unfinished(stage):
        with pytest.raises(Refused, match="no deployment of site is unfinished"):
            act()
        return None
    return act()


def assert_at_rest(stage, load, capacity, image: str) -> None:
    stage.swarm.clock.sleep(30)
    assert stage.images_running() == {image}
    assert not unfinished(stage)
    assert load.failed == 0
    assert capacity.fewest == REPLICAS
    assert stage.swarm.store.find({"rollout.kind": "lock"}) == ()


@pytest.fixture
def watched(stage):
    service = stage.serve(REPLICAS)
    return stage, stage.swarm.load(service, rate=60), Capacity(stage, service)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("nth", ALL_WRITES)
def test_killed_at_any_write_a_good_release_is_finished_by_resume(watched, moment, nth):
    stage, load, capacity = watched
    deploy_and_die(stage, moment, nth)
    begun = unfinished(stage)
    outcome = go_on(stage, stage.resume, pause=31)
    assert outcome is None or outcome.kind == OutcomeKind.DEPLOYED
    reached = {"app:2"} if begun else stage.images_running()
    assert_at_rest(stage, load, capacity, *reached)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("nth", ALL_WRITES)
def test_killed_at_any_write_a_good_release_is_taken_back_by_abort(watched, moment, nth):
    stage, load, capacity = watched
    before = stage.now.spec
    deploy_and_die(stage, moment, nth)
    begun = unfinished(stage)
    outcome = go_on(stage, stage.abort, pause=31)
    assert outcome is None or (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.ABORTED, ExitCode.OK)
    if begun:
        assert spec.same(stage.now.spec, before)
        assert states(stage) == [RecordState.ROLLED_BACK]
    reached = {"app:1"} if begun else stage.images_running()
    assert_at_rest(stage, load, capacity, *reached)


@pytest.mark.parametrize("act", ["resume", "abort"])
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("nth", ALL_WRITES)
def test_killed_at_any_write_a_bad_release_ends_at_the_baseline_either_way(watched, moment, nth, act):
    """It never gets healthy, so a user who met it would have met a connection that is refused."""
    stage, load, capacity = watched
    stage.swarm.images["app:2"] = Behaviour(health=Health.BAD)
    before = stage.now.spec
    deploy_and_die(stage, moment, nth)
    outcome = go_on(stage, getattr(stage, act), pause=31)
    expected = OutcomeKind.ROLLED_BACK if act == "resume" else OutcomeKind.ABORTED
    assert outcome is None or outcome.kind == expected
    assert spec.same(stage.now.spec, before)
    assert_at_rest(stage, load, capacity, "app:1")
