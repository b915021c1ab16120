from __future__ import annotations

from math import comb

import pytest
from builders import NEW, OLD, slot_of, task_of
from hypothesis import given
from hypothesis import strategies as some

from rollout.gates import health, http, ready
from rollout.gates.health import Expectation
from rollout.model import CauseKind, ProbeResult, TaskState, Verdict

WISH = Expectation(upto=1, slots=2, digest=NEW.digest, start_timeout=60.0)


def new(slot: int, state: TaskState = TaskState.RUNNING, **fields: object):
    return task_of(slot, id=f"new-{slot}", state=state, image=NEW, **fields)


def old(slot: int, **fields: object):
    return task_of(slot, id=f"old-{slot}", up_to_date=False, image=OLD, **fields)


def test_a_step_has_settled_when_the_new_task_runs_and_the_old_one_is_gone():
    slots = (slot_of(new(1)), slot_of(old(2)))
    assert health.judge(slots, (), WISH, 1.0).verdict == Verdict.PASS


def test_a_step_has_not_settled_while_old_and_new_stand_beside_each_other():
    slots = (slot_of(new(1), old(1)), slot_of(old(2)))
    assert health.judge(slots, (), WISH, 1.0).verdict == Verdict.INCONCLUSIVE


def test_a_task_that_runs_another_digest_does_not_count():
    slots = (slot_of(task_of(1, image=OLD)), slot_of(old(2)))
    assert health.judge(slots, (), WISH, 1.0).verdict == Verdict.INCONCLUSIVE


def test_any_death_on_the_target_fails_the_release_and_names_the_task():
    dead = new(2, TaskState.FAILED, desired=TaskState.SHUTDOWN, exit_code=3)
    judgement = health.judge((slot_of(new(1)), slot_of(old(2))), (dead,), WISH, 1.0)
    assert (judgement.verdict, judgement.cause, judgement.task) == (Verdict.FAIL, CauseKind.CRASHED, dead)
    assert "exit code 3" in judgement.evidence


def test_a_rejected_task_is_told_apart_from_a_crash():
    dead = new(2, TaskState.REJECTED, error="No such image")
    assert health.judge((), (dead,), WISH, 1.0).cause == CauseKind.REJECTED


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


GOOD, BAD = ProbeResult(True), ProbeResult(False, error="HTTP 500")


def test_a_second_wrong_answer_fails_the_probe_at_once_and_says_what_it_was():
    judgement = http.judge([GOOD, BAD, GOOD, BAD], [], 34)
    assert judgement.verdict == Verdict.FAIL
    assert judgement.evidence == "2 of 4 requests failed: HTTP 500"


def test_a_single_wrong_answer_is_forgiven_and_said():
    judgement = http.judge([BAD, *[GOOD] * 33], [], 34)
    assert judgement.verdict == Verdict.PASS
    assert judgement.evidence == "34 requests answered, 1 forgiven"


def test_answers_before_load_balancers_know_the_new_replica_prove_nothing_unless_they_are_wrong():
    assert http.judge([], [GOOD] * 100, 34).verdict == Verdict.INCONCLUSIVE
    assert http.judge([], [BAD, BAD], 34).verdict == Verdict.FAIL


def test_the_probe_passes_when_all_wanted_requests_were_answered():
    assert http.judge([GOOD] * 24, [], 24).verdict == Verdict.PASS
    assert http.judge([GOOD] * 23, [], 24).verdict == Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("exposed", "slots", "wanted"), [(1, 4, 33), (2, 4, 14), (1, 10, 89), (4, 4, 5)])
def test_a_broken_batch_is_seen_in_999_of_1000_runs(exposed: int, slots: int, wanted: int):
    assert http.requests_needed(exposed, slots) == wanted


@given(some.integers(1, 200), some.integers(1, 200))
def test_a_broken_batch_is_missed_less_than_once_in_a_thousand(exposed: int, slots: int):
    wanted, share = http.requests_needed(exposed, slots), min(exposed / slots, 1.0)
    at_most_one = sum(comb(wanted, hits) * share**hits * (1 - share) ** (wanted - hits) for hits in (0, 1))
    assert wanted == http.MOST or at_most_one <= 0.001 + 1e-9
