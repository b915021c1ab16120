from __future__ import annotations

from dataclasses import replace

from builders import NEW, OLD, slot_of, task_of

from rollout.gates import health, ready
from rollout.gates.health import Expectation
from rollout.model import CauseKind, TaskState, Verdict

WISH = Expectation(upto=1, slots=2, digest=NEW.digest, start_timeout=60.0)


def new(slot: int, state: TaskState = TaskState.RUNNING, **fields: object):
    return task_of(slot, id=f"new-{slot}", state=state, image=NEW, **fields)


def old(slot: int, **fields: object):
    return task_of(slot, id=f"old-{slot}", up_to_date=False, image=OLD, **fields)


def test_a_step_has_settled_when_the_new_task_runs_and_the_old_one_is_gone():
    slots = (slot_of(new(1)), slot_of(old(2)))
    assert health.judge(slots, (), WISH, 1.0).verdict == Verdict.PASS


def test_an_old_task_that_outlives_its_successors_failed_start_does_not_hold_a_step_up():
    slots = (slot_of(new(1), old(1)), slot_of(old(2)))
    assert health.judge(slots, (), WISH, 1.0).verdict == Verdict.PASS


def test_the_last_step_has_not_settled_while_old_and_new_stand_beside_each_other():
    slots = (slot_of(new(1), old(1)), slot_of(new(2)))
    last = replace(WISH, upto=2)
    assert health.judge(slots, (), last, 1.0).verdict == Verdict.INCONCLUSIVE
    assert health.stalled(slots, last)


def test_a_new_task_that_starts_beside_the_old_one_has_not_settled():
    slots = (slot_of(new(1, TaskState.STARTING), old(1)), slot_of(old(2)))
    assert health.judge(slots, (), WISH, 1.0).verdict == Verdict.INCONCLUSIVE


def test_a_task_that_runs_another_digest_does_not_count():
    slots = (slot_of(task_of(1, image=OLD)), slot_of(old(2)))
    assert health.judge(slots, (), WISH, 1.0).verdict == Verdict.INCONCLUSIVE


def test_any_death_on_the_target_fails_the_release_and_names_the_task():
    dead = new(2, TaskState.FAILED, desired=TaskState.SHUTDOWN, exit_code=3)
    judgement = health.judge((slot_of(new(1)), slot_of(old(2))), (dead,), WISH, 1.0)
    assert (judgement.verdict, judgement.cause, judgement.task) == (Verdict.FAIL, CauseKind.CRASHED, dead)


def test_the_start_timeout_fails_the_release_and_says_what_it_waited_for():
    slots = (slot_of(new(1, TaskState.STARTING, message="starting"), old(1)), slot_of(old(2)))
    judgement = health.judge(slots, (), WISH, 60.0)
    assert judgement.cause == CauseKind.NOT_STARTED
    assert "after 60s 0 of 1 replicas run the new release" in judgement.evidence
    assert "starting" in judgement.evidence


def test_just_before_the_start_timeout_it_goes_on_waiting():
    slots = (slot_of(new(1, TaskState.STARTING), old(1)), slot_of(old(2)))
    assert health.judge(slots, (), WISH, 59.9).verdict == Verdict.INCONCLUSIVE


def test_a_slot_that_came_over_to_the_target_by_itself_has_to_run_as_well():
    slots = (slot_of(new(1)), slot_of(new(2, TaskState.STARTING)))
    assert health.judge(slots, (), WISH, 1.0).verdict == Verdict.INCONCLUSIVE


def test_a_replica_is_ready_after_its_time_and_not_before():
    slots = (slot_of(new(1)),)
    assert ready.judge(slots, {"new-1": 10.0}, 5.0, 14.9).verdict == Verdict.INCONCLUSIVE
    assert ready.judge(slots, {"new-1": 10.0}, 5.0, 15.0).verdict == Verdict.PASS


def test_the_youngest_replica_decides():
    slots = (slot_of(new(1)), slot_of(new(2)))
    assert ready.judge(slots, {"new-1": 0.0, "new-2": 12.0}, 5.0, 15.0).verdict == Verdict.INCONCLUSIVE


def test_without_a_min_ready_running_is_enough():
    assert ready.judge((slot_of(new(1)),), {}, 0.0, 1.0).verdict == Verdict.PASS
