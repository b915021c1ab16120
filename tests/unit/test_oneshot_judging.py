"""When a one-shot task has succeeded, when a preview has, and what is said of those that have not."""

from __future__ import annotations

import pytest
from builders import task_of
from hypothesis import given
from hypothesis import strategies as st

from rollout.model import Task, TaskState, Verdict
from rollout.oneshot.judging import judge_command, judge_late, judge_preview

NO_NODE = "no suitable node (insufficient resources on 3 nodes)"
DONE = TaskState.SHUTDOWN
"""What Swarm desires of a task that has ended: it is not restarted."""

wanted = [TaskState.READY, TaskState.RUNNING]
tasks = st.builds(
    lambda state, desired, exit_code, error: task_of(
        1, state=state, desired=desired, exit_code=exit_code, error=error
    ),
    st.sampled_from(TaskState),
    st.sampled_from([*wanted, TaskState.SHUTDOWN, TaskState.REMOVE]),
    st.none() | st.integers(0, 255),
    st.sampled_from(["", NO_NODE, "task: non-zero exit (1)"]),
)


@given(tasks)
def test_only_a_complete_task_is_a_command_that_succeeded(task: Task):
    assert (judge_command(task).verdict == Verdict.PASS) == (task.state == TaskState.COMPLETE)


@given(tasks)
def test_only_a_task_that_serves_is_a_preview_to_be_tried(task: Task):
    assert (judge_preview(task).verdict == Verdict.PASS) == task.running


@given(tasks)
def test_what_nobody_wants_or_what_has_ended_is_not_waited_for(task: Task):
    ended = task.state > TaskState.RUNNING or not task.wanted
    assert (judge_command(task).verdict == Verdict.INCONCLUSIVE) == (not ended)


@given(tasks, st.floats(1, 1000))
def test_what_is_late_has_failed_and_says_why(task: Task, seconds: float):
    judgement = judge_late((task,), seconds)
    assert judgement.verdict == Verdict.FAIL
    assert task.error in judgement.evidence


@pytest.mark.parametrize("judge", [judge_command, judge_preview])
def test_a_task_that_is_not_there_yet_is_waited_for(judge):
    assert judge(None).verdict == Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": TaskState.FAILED, "exit_code": 3, "error": "task: non-zero exit (3)"}, "exit code 3"),
        (
            {"state": TaskState.FAILED, "exit_code": 127, "error": "starting container failed: no x"},
            "could not be started: starting container failed: no x",
        ),
        ({"state": TaskState.REJECTED, "error": "No such image: app:9"}, "No such image: app:9"),
        ({"state": TaskState.RUNNING}, "its node was lost"),
        ({"state": TaskState.ORPHANED}, "its node was lost"),
    ],
)
def test_the_evidence_says_how_it_ended(fields, words):
    judgement = judge_command(task_of(1, desired=DONE, **fields))
    assert judgement.verdict == Verdict.FAIL
    assert words in judgement.evidence


def test_a_preview_that_fails_its_health_check_is_said_to():
    error = "task: non-zero exit (137): dockerexec: unhealthy container"
    task = task_of(1, state=TaskState.FAILED, desired=DONE, exit_code=137, error=error)
    assert "its health check failed" in judge_preview(task).evidence


def test_a_preview_that_ends_with_0_has_failed_all_the_same():
    judgement = judge_preview(task_of(1, state=TaskState.COMPLETE, desired=DONE, exit_code=0))
    assert judgement.verdict == Verdict.FAIL


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        (TaskState.PENDING, NO_NODE, f"after 60s it was waiting for a node: {NO_NODE}"),
        (TaskState.PREPARING, "", "its image pulled"),
        (TaskState.STARTING, "", "not healthy yet"),
        (TaskState.RUNNING, "", "still running"),
    ],
)
def test_late_says_what_it_was_at(state, error, words):
    assert words in judge_late((task_of(1, state=state, error=error),), 60).evidence
