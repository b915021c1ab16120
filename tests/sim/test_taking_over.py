"""What one deployment has left half-way is cleared up by the next, and never becomes anybody's baseline."""

from __future__ import annotations

from contextlib import suppress

import pytest

from rollout import spec
from rollout.errors import ExitCode, Refused, exit_code_of
from rollout.events import BakeStarted, Measured, Note, Planned, RollbackStarted, StepStarted
from rollout.model import CauseKind, OneShot, OnFailure, Order, OutcomeKind
from rollout.render.outcome import outcome_lines
from rollout.sim import Behaviour, kill
from rollout.sim.faults import Killed
from rollout.state.record import RecordState, history
from tests.sim.conftest import PROBE, Stage

OWN = {"Parallelism": 2, "Order": "start-first", "FailureAction": "continue", "Delay": 3_000_000_000}
QUICK = {"prepull": False}


@pytest.fixture
def stage() -> Stage:
    """Four replicas with update settings of their owner's, and a third release."""
    made = Stage()
    made.swarm.images["app:3"] = Behaviour()
    made.serve(4, UpdateConfig=OWN)
    return made


def left_half_way(stage: Stage, image: str = "app:2", writes: int = 2) -> None:
    """A deployment whose process is killed once so many batches are released."""
    stage.swarm.faults.services.after(writes, kill)
    with pytest.raises(Killed):
        stage.deploy(image, **QUICK)
    stage.swarm.clock.sleep(40)


def relabelled(stage: Stage, **labels: str) -> None:
    """What `docker service update --label-add` does: everything else is written back as it is found."""
    edited = spec.raw(stage.now.spec)
    edited["Labels"] = {**edited.get("Labels", {}), **labels}
    stage.swarm.update(stage.now, edited, None)


def states(stage: Stage) -> list[RecordState]:
    return [one.state for one in history(stage.swarm.store, stage.now.id)]


def release_starts(stage: Stage) -> int:
    return [type(event) for event in stage.log.events].index(StepStarted)


def test_another_target_first_takes_back_what_was_not_judged(stage):
    left_half_way(stage)
    load = stage.swarm.load(stage.now, rate=60)
    stage.log.events.clear()
    outcome = stage.deploy("app:3", **QUICK)
    kinds = [type(event) for event in stage.log.events]
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert kinds.index(RollbackStarted) < kinds.index(StepStarted)
    assert states(stage) == [RecordState.ROLLED_BACK, RecordState.DEPLOYED]
    assert str(outcome.old_image) == "app:1"
    assert load.failed == 0


def test_its_plan_says_so_and_begins_with_no_replica_on_the_target(stage):
    left_half_way(stage)
    version = stage.now.version
    plan = stage.plan("app:3")
    assert (plan.back, plan.done, [step.upto for step in plan.steps]) == (2, 0, [1, 2, 3, 4])
    assert stage.now.version == version


def test_a_cure_is_not_blamed_for_what_the_bad_release_before_it_answers(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    assert stage.deploy(on_failure=OnFailure.HOLD).kind == OutcomeKind.HELD
    assert stage.deploy("app:3").kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:3"}


@pytest.mark.parametrize("stopped", ["killed", "interrupted"])
@pytest.mark.parametrize("write", range(1, 12))
def test_stopped_anywhere_while_it_takes_over_the_first_baseline_is_not_forgotten(stage, write, stopped):
    before = stage.now.spec
    left_half_way(stage)
    stage.swarm.images["app:3"] = Behaviour(status=500)
    faults, signals = stage.swarm.faults, []
    act = faults.die if stopped == "killed" else lambda: signals.append(2)
    faults.all.after(faults.all.count + write, act)
    with suppress(Killed):
        stage.deploy("app:3", interrupted=lambda: signals[0] if signals else None, **QUICK)
    faults.be_called_anew()
    stage.swarm.clock.sleep(40)
    stage.deploy("app:3", **QUICK)
    stage.swarm.clock.sleep(40)
    assert stage.images_running() == {"app:1"}
    assert spec.same(stage.now.spec, before)


def test_an_undo_of_what_is_unfinished_is_the_way_back_and_nothing_else(stage):
    before = stage.now.spec
    left_half_way(stage)
    outcome = stage.undo(**QUICK)
    assert outcome.kind == OutcomeKind.ABORTED
    assert spec.same(stage.now.spec, before)
    assert len(history(stage.swarm.store, stage.now.id)) == 1


def test_a_way_back_that_fails_ends_it_there(stage):
    left_half_way(stage)
    stage.swarm.images["app:1"] = Behaviour(start_seconds=100)
    outcome = stage.deploy("app:3", rollback_timeout=10.0, **QUICK)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.FAILED, CauseKind.ROLLBACK_FAILED)
    assert str(spec.image(stage.now.spec).tag) != "3"


def test_after_a_failed_rollback_the_next_deployment_takes_the_rest_back_first(stage):
    before = stage.now.spec
    stage.swarm.images["app:2"] = Behaviour(status=500)
    slow = Behaviour(start_seconds=30)
    stage.swarm.faults.services.after(1, lambda: stage.swarm.images.update({"app:1": slow}))
    assert stage.deploy(order=Order.STOP_FIRST, rollback_timeout=10.0, **QUICK).kind == OutcomeKind.FAILED
    assert stage.deploy("app:3", start_timeout=60.0, **QUICK).kind == OutcomeKind.DEPLOYED
    image = spec.image(stage.now.spec)
    assert spec.same(stage.now.spec, spec.with_image(before, image))


def test_the_tag_that_it_was_after_is_looked_up_again(stage):
    """The pipeline that was killed is followed by one with a newer build of the same tag."""
    left_half_way(stage)
    stage.swarm.images["app:2"] = Behaviour(latency=0.01)
    newest = stage.plan("app:2").new_image
    assert stage.deploy(None, **QUICK).kind == OutcomeKind.DEPLOYED
    assert spec.image(stage.now.spec) == newest


def test_where_the_tag_means_the_same_still_it_goes_on(stage):
    left_half_way(stage)
    stage.log.events.clear()
    assert stage.deploy(None, **QUICK).kind == OutcomeKind.DEPLOYED
    assert stage.log.of(RollbackStarted) == []


def test_a_label_by_somebody_else_in_between_does_not_make_our_pacing_the_services_own(stage):
    left_half_way(stage)
    relabelled(stage, team="shop")
    stage.swarm.clock.sleep(10)
    assert stage.deploy("app:3", **QUICK).kind == OutcomeKind.DEPLOYED
    assert spec.meaning(stage.now.spec["UpdateConfig"]) == OWN
    assert stage.now.spec["Labels"] == {"team": "shop"}
    assert stage.images_running() == {"app:3"}


def test_a_foreign_write_in_mid_deployment_is_deployed_from_as_the_hint_says(stage):
    stage.swarm.clock.call_later(6.0, lambda: relabelled(stage, team="shop"))
    assert stage.deploy(**QUICK).cause.kind == CauseKind.FOREIGN_WRITE
    stage.swarm.clock.sleep(10)
    assert stage.deploy(**QUICK).kind == OutcomeKind.DEPLOYED
    assert spec.meaning(stage.now.spec["UpdateConfig"]) == OWN
    assert spec.MARK not in stage.now.spec["Labels"]


@pytest.mark.parametrize("at", [0.5, 1.0, 3.0, 6.0, 7.5, 9.0])
def test_whenever_somebody_writes_another_deployment_can_follow(stage, at):
    stage.swarm.clock.call_later(at, lambda: relabelled(stage, team="shop"))
    stage.deploy(**QUICK)
    stage.swarm.clock.sleep(10)
    outcome = stage.deploy("app:3", **QUICK)
    assert outcome.kind == OutcomeKind.DEPLOYED, outcome.cause
    assert outcome.seconds < 120
    assert stage.images_running() == {"app:3"}


def test_resume_and_abort_say_that_somebody_has_changed_it_since(stage):
    left_half_way(stage)
    relabelled(stage, team="shop")
    for act in (stage.resume, stage.abort):
        with pytest.raises(Refused, match="somebody has changed the service since"):
            act()


def test_one_whose_end_was_not_written_counts_as_deployed_and_can_be_gone_back_to(stage):
    stage.log.when(BakeStarted, lambda: stage.swarm.faults.services.after(5, stage.swarm.faults.die))
    with suppress(Killed):
        stage.deploy(**QUICK)
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(40)
    assert stage.deploy("app:3", **QUICK).kind == OutcomeKind.DEPLOYED
    assert states(stage) == [RecordState.DEPLOYED, RecordState.DEPLOYED]
    assert stage.undo(to=1, **QUICK).kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:2"}


def test_where_no_way_back_is_known_nothing_is_said_to_be_rolled_back(stage):
    """Swarm's own update was left paused half-way by a release that crashes."""
    stage.swarm.images["app:2"] = Behaviour(crash_after=1.0)
    image = stage.plan().new_image
    own = {**OWN, "Parallelism": 1, "FailureAction": "pause", "Monitor": 5_000_000_000}
    wanted = {**spec.with_image(stage.now.spec, image), "UpdateConfig": own}
    stage.swarm.update(stage.now, wanted, None)
    stage.swarm.clock.sleep(30)
    outcome = stage.deploy(**QUICK)
    assert outcome.kind in {OutcomeKind.HELD, OutcomeKind.REFUSED}
    assert "no way back is known" in outcome.cause.sentence


def test_the_rollback_that_was_cut_off_is_ended_by_resume_without_another_try_of_the_release(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.swarm.faults.services.after(2, stage.swarm.faults.die)
    with suppress(Killed):
        stage.deploy(**QUICK)
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(40)
    stage.log.events.clear()
    assert stage.resume(**QUICK).kind == OutcomeKind.ROLLED_BACK
    assert stage.log.of(StepStarted) == []
    assert stage.images_running() == {"app:1"}


def test_the_image_to_go_back_to_is_the_one_that_was_judged_whatever_label_came_since(stage):
    left_half_way(stage)
    relabelled(stage, team="shop")
    stage.swarm.clock.sleep(10)
    stage.swarm.images["app:3"] = Behaviour(status=500)
    assert stage.deploy("app:3", probes=(PROBE,), **QUICK).kind == OutcomeKind.ROLLED_BACK
    assert stage.images_running() == {"app:1"}
    assert stage.now.spec["Labels"] == {"team": "shop"}


def test_what_cannot_begin_after_the_way_back_says_that_the_service_went_back(stage):
    left_half_way(stage)
    outcome = stage.deploy("app:3", before=(OneShot(("no-such-program",)),), **QUICK)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.REFUSED, ExitCode.REFUSED)
    (first, *_) = outcome_lines(outcome)
    assert "what was unfinished is taken back, site runs app:1" in "".join(span.text for span in first)


def test_what_users_met_on_the_way_back_counts_too(stage):
    left_half_way(stage)
    stage.log.when(RollbackStarted, lambda: stage.swarm.images.update({"app:1": Behaviour()}))
    outcome = stage.deploy("app:3", **QUICK)
    asked = [event.impact.asked for event in stage.log.of(Measured)]
    assert outcome.impact.asked > max(asked)


def test_it_is_told(stage):
    left_half_way(stage)
    stage.log.events.clear()
    stage.deploy("app:3", **QUICK)
    assert any("deployment 1 is unfinished" in note.sentence for note in stage.log.of(Note))
    assert [planned.plan.back for planned in stage.log.of(Planned)] == [2, None]
