"""A whole deployment on the simulated Swarm: what a user would see of it."""

from __future__ import annotations

import pytest

from rollout import spec
from rollout.errors import EngineRefused, ExitCode, ImageNotFound, Locked, Refused, exit_code_of
from rollout.events import BakeStarted, Observed, Planned, ReleaseFailed, StepStarted
from rollout.model import Batch, CauseKind, OnFailure, OnStuck, Order, OutcomeKind
from rollout.sim import Behaviour, Health, kill
from rollout.sim.faults import Killed
from rollout.state.record import RecordState, history


def never_more_than(stage, batch: int) -> bool:
    """Whether at no time more slots than the batch were between old and new."""
    return all(sum(not slot.quiet for slot in event.slots) <= batch for event in stage.log.of(Observed))


def test_a_good_release_replaces_every_replica_and_fails_no_request(stage):
    service = stage.serve()
    load = stage.swarm.load(service, rate=60)
    outcome = stage.deploy()
    load.stop()
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.DEPLOYED, ExitCode.OK)
    assert stage.images_running() == {"app:2"}
    assert load.requests > 300
    assert load.failed == 0
    assert never_more_than(stage, 1)


def test_the_digest_is_pinned_and_the_owners_update_settings_are_back(stage):
    own = {"Parallelism": 3, "Order": "stop-first", "FailureAction": "continue"}
    stage.serve(UpdateConfig=own)
    before = stage.now.spec
    stage.deploy()
    after = stage.now.spec
    assert spec.image(after).digest
    assert spec.same(after, spec.with_image(before, spec.image(after)))


def test_the_batch_may_be_larger(stage):
    stage.serve()
    stage.deploy(batch=Batch(2))
    assert [event.release for event in stage.log.of(StepStarted)] == [2, 2]


def test_a_release_that_answers_500_is_rolled_back_after_one_replica(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500, log=("Uncaught RuntimeException",))
    service = stage.serve()
    before = stage.now.spec
    load = stage.swarm.load(service, rate=60)
    outcome = stage.deploy()
    load.stop()
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.ROLLED_BACK, ExitCode.ROLLED_BACK)
    assert outcome.cause.kind == CauseKind.PROBE
    assert outcome.cause.node
    assert outcome.cause.log == ("Uncaught RuntimeException",)
    assert stage.images_running() == {"app:1"}
    assert spec.same(stage.now.spec, before)
    assert [event.number for event in stage.log.of(StepStarted)] == [1]
    assert load.failed < 60


def test_a_release_that_crashes_after_a_while_is_rolled_back_with_its_last_words(stage):
    stage.swarm.images["app:2"] = Behaviour(crash_after=1.5, exit_code=255, log=("Fatal error: oops",))
    stage.serve()
    outcome = stage.deploy(probes=(), min_ready=3.0)
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert outcome.cause.kind == CauseKind.CRASHED
    assert outcome.cause.log == ("Fatal error: oops",)
    assert outcome.cause.node
    assert stage.images_running() == {"app:1"}


def test_a_crash_while_baking_is_rolled_back_too(stage):
    stage.swarm.images["app:2"] = Behaviour(crash_after=20.0)
    stage.serve()
    outcome = stage.deploy(probes=(), min_ready=0.5, bake=30.0)
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert stage.images_running() == {"app:1"}


def test_a_release_that_never_gets_healthy_ends_at_the_start_timeout(stage):
    stage.swarm.images["app:2"] = Behaviour(health=Health.SILENT)
    service = stage.serve()
    load = stage.swarm.load(service, rate=60)
    outcome = stage.deploy(start_timeout=20.0)
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert outcome.cause.kind == CauseKind.NOT_STARTED
    assert 20.0 <= outcome.seconds < 40.0
    assert stage.images_running() == {"app:1"}
    assert load.failed == 0


def test_at_the_deadline_it_holds_where_it_is_since_the_release_may_be_good(stage):
    service = stage.serve()
    load = stage.swarm.load(service, rate=60)
    outcome = stage.deploy(deadline=6.0, min_ready=4.0, start_timeout=5.0)
    stage.swarm.clock.sleep(60)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.HELD, ExitCode.HELD)
    assert outcome.cause.kind == CauseKind.DEADLINE
    assert load.failed == 0


def test_at_the_deadline_everything_is_put_back_where_that_was_wished(stage):
    stage.serve()
    outcome = stage.deploy(deadline=6.0, min_ready=4.0, start_timeout=5.0, on_stuck=OnStuck.ROLLBACK)
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert outcome.cause.kind == CauseKind.DEADLINE
    assert stage.images_running() == {"app:1"}


def test_on_failure_hold_leaves_the_bad_replica_to_a_person(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.serve()
    outcome = stage.deploy(on_failure=OnFailure.HOLD)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.HELD, ExitCode.HELD)
    assert stage.images_running() == {"app:1", "app:2"}
    assert "rollout abort site" in outcome.hint


def test_a_rollback_that_cannot_succeed_says_so_loudly(stage):
    """Stop-first, so the old replica is gone, and by now the old image cannot start either."""
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.swarm.faults.services.after(1, lambda: _break_old_image(stage))
    outcome = stage.deploy(order=Order.STOP_FIRST, start_timeout=10.0)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.FAILED, ExitCode.FAILED)
    assert outcome.cause.kind == CauseKind.ROLLBACK_FAILED
    assert "the baseline runs in 3 of 4 replicas only" in outcome.cause.sentence


def _break_old_image(stage) -> None:
    stage.swarm.images["app:1"] = Behaviour(health=Health.SILENT)


def test_the_same_digest_again_changes_nothing(stage):
    stage.serve()
    stage.deploy()
    version = stage.now.version
    outcome = stage.deploy()
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.UNCHANGED, ExitCode.OK)
    assert stage.now.version == version


def test_force_replaces_every_replica_by_the_same_image(stage):
    stage.serve()
    stage.deploy()
    before = {task.id for task in stage.swarm.tasks(stage.now.id) if task.running}
    outcome = stage.deploy(force=True)
    after = {task.id for task in stage.swarm.tasks(stage.now.id) if task.running}
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert not before & after


def test_an_image_that_is_not_there_is_refused_before_anything_is_touched(stage):
    stage.serve()
    version = stage.now.version
    with pytest.raises(ImageNotFound):
        stage.deploy("app:404")
    assert stage.now.version == version
    assert stage.swarm.store.find({}) == ()


def test_a_probe_that_fails_beforehand_is_refused(stage):
    stage.swarm.images["app:1"] = Behaviour(status=503)
    stage.serve()
    version = stage.now.version
    with pytest.raises(Refused, match="before anything was touched"):
        stage.deploy()
    assert stage.now.version == version


def test_a_job_is_refused(stage):
    work = {"ContainerSpec": {"Image": "app:1"}}
    stage.swarm.create({"Name": "site", "TaskTemplate": work, "Mode": {"ReplicatedJob": {}}})
    with pytest.raises(Refused, match="is a job"):
        stage.deploy()


def test_a_plan_writes_nothing(stage):
    stage.serve()
    version = stage.now.version
    plan = stage.plan()
    stage.swarm.clock.sleep(5)
    assert len(plan.steps) == 4
    assert stage.now.version == version
    assert stage.swarm.store.find({}) == ()


def test_a_global_service_is_updated_node_by_node(stage):
    stage.serve(replicas=None)
    outcome = stage.deploy(probes=())
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert outcome.slots == 3
    assert stage.images_running() == {"app:2"}


def test_a_service_without_replicas_gets_the_new_spec_for_later(stage):
    stage.swarm.create(
        {
            "Name": "site",
            "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}},
            "Mode": {"Replicated": {"Replicas": 0}},
        }
    )
    outcome = stage.deploy(probes=())
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert spec.image(stage.now.spec).tag == "2"


def test_a_killed_deployment_stands_still_serves_and_is_finished_by_the_next(stage):
    service = stage.serve()
    load = stage.swarm.load(service, rate=60)
    stage.swarm.faults.services.before(2, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(120)
    touched = sum(task.up_to_date for task in stage.swarm.tasks(service.id) if task.running)
    assert touched == 1
    outcome = stage.deploy()
    load.stop()
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:2"}
    assert load.failed == 0


def test_a_bad_release_taken_up_after_a_kill_goes_back_to_the_first_baseline(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.serve()
    before = stage.now.spec
    stage.swarm.faults.services.after(1, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(60)
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert spec.same(stage.now.spec, before)
    assert stage.images_running() == {"app:1"}


def test_a_third_image_takes_over_from_an_interrupted_deployment(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.swarm.images["app:3"] = Behaviour(status=500)
    stage.serve()
    before = stage.now.spec
    stage.swarm.faults.services.after(1, kill)
    with pytest.raises(Killed):
        stage.deploy("app:2")
    stage.swarm.clock.sleep(60)
    outcome = stage.deploy("app:3", probes=())
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:3"}
    assert stage.now.spec.get("UpdateConfig") == before.get("UpdateConfig")


def test_a_deployment_under_way_locks_others_out(stage):
    stage.serve()
    stage.swarm.faults.services.before(2, lambda: _expect_locked(stage))
    assert stage.deploy().kind == OutcomeKind.DEPLOYED


def _expect_locked(stage) -> None:
    with pytest.raises(Locked, match="ann@desk"):
        stage.deploy(who="bob@desk")


def test_ctrl_c_holds_where_it_is_and_exits_as_the_signal_would(stage):
    stage.serve()
    asked = iter([None] * 20)
    outcome = stage.deploy(interrupted=lambda: next(asked, 2))
    assert outcome.kind == OutcomeKind.HELD
    assert exit_code_of(outcome) == 130
    assert stage.deploy().kind == OutcomeKind.DEPLOYED


def test_a_write_by_someone_else_is_noticed_before_the_next_release(stage):
    stage.serve()
    stage.swarm.faults.services.after(1, lambda: stage.swarm.clock.call_later(2.5, lambda: _relabel(stage)))
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.HELD
    assert outcome.cause.kind == CauseKind.FOREIGN_WRITE
    assert "Labels.owner" in outcome.cause.sentence


def test_a_write_by_someone_else_while_it_bakes_is_told_before_anything_is_blamed(stage):
    stage.serve()
    stage.log.when(BakeStarted, lambda: stage.swarm.clock.call_later(1.0, lambda: _relabel(stage)))
    outcome = stage.deploy(bake=600.0)
    assert outcome.cause.kind == CauseKind.FOREIGN_WRITE
    assert [(change.path, change.after) for change in outcome.cause.changes] == [("Labels.owner", "eve")]
    assert outcome.seconds < 60
    assert stage.log.of(ReleaseFailed) == []


def test_a_service_that_is_removed_meanwhile_is_told_as_that(stage):
    service = stage.serve()
    stage.log.when(BakeStarted, lambda: stage.swarm.remove(service.id))
    outcome = stage.deploy()
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.FAILED, CauseKind.REMOVED)
    assert "abort" not in outcome.hint


def test_a_first_write_that_the_engine_refuses_leaves_nothing_behind(stage, monkeypatch):
    stage.serve()

    def refuse(*_: object) -> None:
        raise EngineRefused("network old not found")

    monkeypatch.setattr(type(stage.swarm), "update", refuse)
    outcome = stage.deploy()
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.REFUSED, ExitCode.REFUSED)
    assert "network old not found" in outcome.cause.sentence
    assert history(stage.swarm.store, stage.now.id) == ()


def _relabel(stage) -> None:
    service = stage.now
    stage.swarm.update(service, {**service.spec, "Labels": {"owner": "eve"}}, None)


@pytest.mark.parametrize("lost", ["lose_request", "lose_reply"])
@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5])
def test_a_write_whose_reply_is_lost_happens_once(stage, lost: str, nth: int):
    stage.serve()
    getattr(stage.swarm.faults.services, lost)(nth)
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:2"}
    assert never_more_than(stage, 1)


def test_the_history_says_how_each_deployment_ended(stage):
    stage.serve()
    stage.deploy()
    stage.swarm.images["app:3"] = Behaviour(status=500)
    stage.deploy("app:3")
    states = [record.state for record in history(stage.swarm.store, stage.now.id)]
    assert states == [RecordState.DEPLOYED, RecordState.ROLLED_BACK]


def test_only_the_last_ten_records_are_kept(stage):
    stage.serve()
    for _ in range(12):
        stage.deploy(force=True, bake=0.0, min_ready=0.0, probes=())
    records = history(stage.swarm.store, stage.now.id)
    assert [record.revision for record in records] == list(range(3, 13))


def test_the_plan_is_told_before_the_first_release(stage):
    stage.serve()
    stage.deploy()
    kinds = [type(event) for event in stage.log.events]
    assert kinds.index(Planned) < kinds.index(StepStarted)


def test_no_lock_is_left_behind(stage):
    stage.serve()
    stage.deploy()
    assert stage.swarm.store.find({"rollout.kind": "lock"}) == ()


def test_a_crashed_old_replica_that_comes_back_with_the_target_is_judged_too(stage):
    """Rule 8: Swarm restarts by the spec in force, so an unjudged release may spread by itself."""
    stage.swarm.images["app:1"] = Behaviour(crash_after=40.0)
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(crash_after=12.0)
    stage.swarm.clock.sleep(30)
    outcome = stage.deploy(min_ready=10.0, probes=(), start_timeout=30.0)
    assert outcome.kind in {OutcomeKind.ROLLED_BACK, OutcomeKind.FAILED}
    assert outcome.cause.kind in {CauseKind.CRASHED, CauseKind.ROLLBACK_FAILED}


def test_an_old_replica_that_crashes_while_it_is_replaced_does_not_spoil_a_good_release(stage):
    """Both its successors run the new spec until the next write (seen on 20.10)."""
    service = stage.serve()
    stage.swarm.images["app:2"] = Behaviour(start_seconds=8.0)
    stage.swarm.faults.services.after(1, lambda: stage.swarm.clock.call_later(4.0, lambda: _crash_old(stage)))
    load = stage.swarm.load(service, rate=60)
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:2"}
    assert load.failed == 0
    stage.swarm.clock.sleep(30)
    assert len([task for task in stage.swarm.tasks(service.id) if task.wanted]) == 4


def _crash_old(stage) -> None:
    tasks = [task for task in stage.swarm.tasks(stage.now.id) if task.wanted]
    slot = next(task.slot for task in tasks if task.up_to_date)
    stage.swarm.crash(next(task.id for task in tasks if task.slot == slot and not task.up_to_date), 137)


def test_a_replica_of_an_interrupted_deployment_that_dies_later_is_held_against_the_release(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(crash_after=70.0)
    stage.swarm.faults.services.before(2, kill)
    with pytest.raises(Killed):
        stage.deploy(probes=())
    stage.swarm.clock.sleep(60)
    assert stage.deploy(probes=(), min_ready=30.0).kind == OutcomeKind.ROLLED_BACK
