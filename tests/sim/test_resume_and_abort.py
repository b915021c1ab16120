"""A deployment that did not come to its end: taken up again, or taken back, wherever it was cut off."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import pytest

from rollout import pacing, spec
from rollout.cli import wiring
from rollout.cli.run import run
from rollout.errors import ExitCode, Refused, exit_code_of
from rollout.events import HoldStarted, Planned
from rollout.model import Batch, Hold, Order, OutcomeKind, TaskState
from rollout.sim import Behaviour, Health
from rollout.sim.faults import Killed
from rollout.state.halt import Halts
from rollout.state.held import locks
from rollout.state.record import RecordState, history

REPLICAS = 4
MOMENTS = ["before", "after"]
ALL_WRITES = range(1, 25)
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
    return config.get("Monitor") == pacing.HOLD_DELAY


def deploy_and_die(stage, moment: str, nth: int) -> None:
    """A deployment whose process is killed at its nth write, if there are as many."""
    deploying = True

    def die() -> None:
        if deploying:
            stage.swarm.faults.die()

    getattr(stage.swarm.faults.all, moment)(nth, die)
    with suppress(Killed):
        stage.deploy()
    deploying = False
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


@pytest.mark.parametrize("image", [Behaviour(), Behaviour(health=Health.BAD)])
def test_the_kills_above_meet_every_write(stage, image):
    stage.swarm.images["app:2"] = image
    stage.serve(REPLICAS)
    stage.deploy()
    assert stage.swarm.faults.all.count in ALL_WRITES


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("nth", range(1, 8))
def test_an_abort_that_is_killed_can_be_repeated(watched, moment, nth):
    stage, load, capacity = watched
    before = stage.now.spec
    deploy_and_die(stage, "after", 9)
    assert unfinished(stage)
    stage.swarm.clock.sleep(31)
    done = stage.swarm.faults.all.count
    getattr(stage.swarm.faults.all, moment)(done + nth, stage.swarm.faults.die)
    with suppress(Killed):
        stage.abort()
    stage.swarm.faults.be_called_anew()
    for lock in locks(stage.swarm.store):
        lock.release(stage.swarm.store)
    go_on(stage, stage.abort, pause=0.5)
    assert spec.same(stage.now.spec, before)
    assert_at_rest(stage, load, capacity, "app:1")


def test_a_rollback_that_failed_can_be_tried_again(stage):
    """By now the old image starts too slowly for the rollback's limit."""
    stage.serve(REPLICAS)
    before = stage.now.spec
    stage.swarm.images["app:2"] = Behaviour(status=500)
    slow = Behaviour(start_seconds=30)
    stage.swarm.faults.services.after(1, lambda: stage.swarm.images.update({"app:1": slow}))
    outcome = stage.deploy(order=Order.STOP_FIRST, rollback_timeout=10.0)
    assert outcome.kind == OutcomeKind.FAILED
    assert "`rollout abort site` tries the way back again" in outcome.hint
    assert stage.abort().kind == OutcomeKind.ABORTED
    assert spec.same(stage.now.spec, before)
    assert states(stage) == [RecordState.ROLLED_BACK]


def test_resume_goes_on_to_the_recorded_image_even_if_its_tag_has_moved(stage):
    stage.serve(REPLICAS)
    deploy_and_die(stage, "after", 8)
    stage.swarm.clock.sleep(31)
    wanted = history(stage.swarm.store, stage.now.id)[-1].target
    stage.swarm.images["app:2"] = Behaviour(latency=0.01)
    assert stage.resume().kind == OutcomeKind.DEPLOYED
    assert spec.image(stage.now.spec) == spec.image(wanted)


@pytest.mark.parametrize("act", ["resume", "abort"])
def test_where_nothing_is_unfinished_it_is_refused_and_nothing_is_touched(stage, act):
    stage.serve(REPLICAS)
    version = stage.now.version
    with pytest.raises(Refused) as refused:
        getattr(stage, act)()
    assert refused.value.exit_code == ExitCode.REFUSED
    assert "`rollout status site`" in refused.value.hint
    assert stage.now.version == version
    assert stage.swarm.store.find({}) == ()


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [("resume", ExitCode.OK, "deployed: site runs"), ("abort", ExitCode.OK, "aborted: site runs")],
)
def test_the_commands_say_how_it_ended(stage, monkeypatch, capsys, command, code, said):
    stage.serve(REPLICAS)
    deploy_and_die(stage, "after", 8)
    stage.swarm.clock.sleep(31)
    monkeypatch.setattr(wiring, "open_world", lambda _host, sink: replace(stage.world, sink=sink))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert run([command, "site", "--wait", "1m"]) == code
    assert said in capsys.readouterr().out


CANARY = {"strategy": "canary", "stages": (Batch(1), Batch(3)), "pause": Hold(), "batch": Batch(2)}


def held_in_its_pause(stage) -> None:
    stage.serve(8)
    halts = Halts(stage.swarm.store, stage.now.id)
    stage.swarm.clock.call_later(30.0, lambda: halts.ask("bob@desk"))
    assert stage.deploy(**CANARY).kind == OutcomeKind.HELD
    stage.log.events.clear()
    stage.swarm.clock.call_later(120.0, lambda: halts.ask("bob@desk"))


def test_who_resumes_goes_on_as_it_was_begun_without_saying_so_again(stage):
    held_in_its_pause(stage)
    assert stage.resume().kind == OutcomeKind.HELD
    (planned,) = stage.log.of(Planned)
    assert [step.upto for step in planned.plan.steps] == [1, 3, 5, 7, 8]
    assert len(stage.log.of(HoldStarted)) == 1
    assert planned.plan.origin["strategy"] == "the deployment that is resumed"


def test_what_is_said_on_the_command_line_is_done_instead(stage):
    held_in_its_pause(stage)
    assert stage.resume(strategy="rolling").kind == OutcomeKind.DEPLOYED
    assert stage.log.of(HoldStarted) == []


def test_a_record_of_another_version_resumes_by_the_configuration(stage):
    held_in_its_pause(stage)
    (entry,) = stage.swarm.store.find({"rollout.kind": "record"})
    contents = json.loads(entry.data) | {"care": {"strategy": 7, "batch": "none at all", "pause": "promote"}}
    stage.swarm.store.remove(entry)
    stage.swarm.store.create(entry.name, json.dumps(contents).encode(), entry.labels)
    assert stage.resume().kind == OutcomeKind.DEPLOYED
