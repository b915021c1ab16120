"""Whose fault it is that a task does not run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rollout import causes
from rollout.causes import Surroundings
from rollout.model import Availability, CauseKind, Image, Task, TaskState

UNHEALTHY = "task: non-zero exit (137): dockerexec: unhealthy container"
KILLED = "task: non-zero exit (137)"
NO_PORT = "no suitable node (host-mode port already in use on 1 node)"
NOT_THE_RELEASES = {
    CauseKind.CAPACITY,
    CauseKind.PORT_TAKEN,
    CauseKind.NODE_LOST,
    CauseKind.REGISTRY,
    CauseKind.INCONCLUSIVE,
}
codes = some.integers(0, 255)
RELEASE_TO_BLAME = {
    CauseKind.CRASHED,
    CauseKind.UNHEALTHY,
    CauseKind.OUT_OF_MEMORY,
    CauseKind.REJECTED,
    CauseKind.IMAGE,
    CauseKind.NOT_STARTED,
    CauseKind.PROBE,
    CauseKind.SLOW,
    CauseKind.GATE,
}


def task(state: TaskState, error: str = "", exit_code: int | None = None, message: str = "") -> Task:
    return Task("t1", "1", state, TaskState.RUNNING, True, Image("app"), "n1", error, message, exit_code)


def cause(state: TaskState, error: str = "", exit_code: int | None = None, **around: object) -> CauseKind:
    return causes.classify(task(state, error, exit_code), Surroundings(**around))


NO_IMAGE = "No such image: registry/app:2@sha256:0123"


@pytest.mark.parametrize(
    ("state", "error", "exit_code", "kind"),
    [
        (TaskState.FAILED, "task: non-zero exit (255)", 255, CauseKind.CRASHED),
        (TaskState.COMPLETE, "", 0, CauseKind.CRASHED),
        (
            TaskState.FAILED,
            "task: non-zero exit (137): dockerexec: unhealthy container",
            137,
            CauseKind.UNHEALTHY,
        ),
        (TaskState.PENDING, "no suitable node (insufficient resources on 3 nodes)", None, CauseKind.CAPACITY),
        (
            TaskState.PENDING,
            "no suitable node (host-mode port already in use on 1 node)",
            None,
            CauseKind.PORT_TAKEN,
        ),
        (TaskState.PENDING, "no suitable node (unsupported platform on 3 nodes)", None, CauseKind.IMAGE),
        (
            TaskState.FAILED,
            "starting container failed: driver failed programming external connectivity on endpoint site.1: "
            "Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use",
            None,
            CauseKind.PORT_TAKEN,
        ),
        (TaskState.REJECTED, "invalid mount config for type bind", None, CauseKind.REJECTED),
        (TaskState.FAILED, "starting container failed: exec format error", None, CauseKind.IMAGE),
        (TaskState.ORPHANED, "", None, CauseKind.NODE_LOST),
        (TaskState.STARTING, "", None, CauseKind.NOT_STARTED),
    ],
)
def test_swarms_sentences_are_understood(state, error, exit_code, kind):
    assert cause(state, error, exit_code) == kind


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        (Availability.MISSING, CauseKind.IMAGE),
        (Availability.DENIED, CauseKind.IMAGE),
        (Availability.AWAY, CauseKind.REGISTRY),
        (Availability.THERE, CauseKind.REGISTRY),
    ],
)
def test_an_image_that_a_node_could_not_have_is_the_releases_fault_only_if_the_registry_says_so(word, kind):
    assert cause(TaskState.REJECTED, NO_IMAGE, registry=word) == kind


def test_a_kill_with_a_memory_limit_is_most_likely_its_memory():
    assert cause(TaskState.FAILED, KILLED, 137, memory_limit=1 << 29) == CauseKind.OUT_OF_MEMORY
    assert cause(TaskState.FAILED, KILLED, 137) == CauseKind.CRASHED


def test_a_crash_on_a_node_where_the_old_release_died_too_is_the_nodes():
    assert cause(TaskState.FAILED, "", 1, others_died=frozenset({"n1"})) == CauseKind.NODE_LOST
    assert cause(TaskState.FAILED, "", 1, others_died=frozenset({"n2"})) == CauseKind.CRASHED


@given(some.sampled_from(TaskState), some.text(), some.none() | codes)
def test_whatever_a_task_on_a_lost_node_says_it_is_not_held_against_the_release(state, error, exit_code):
    kind = cause(state, error, exit_code, lost=frozenset({"n1"}))
    assert kind == CauseKind.NODE_LOST
    assert not causes.blames_release(kind)


@given(
    some.sampled_from(TaskState),
    some.text(),
    some.none() | some.integers(0, 255),
    some.sampled_from(Availability),
)
def test_every_task_has_a_cause_and_every_cause_a_sentence(state, error, exit_code, word):
    one, around = task(state, error, exit_code), Surroundings(registry=word)
    assert causes.describe(causes.classify(one, around), one, around)


@pytest.mark.parametrize("kind", CauseKind)
def test_a_release_is_taken_back_for_its_own_faults_only(kind):
    if kind in RELEASE_TO_BLAME:
        assert causes.blames_release(kind)
    if kind in NOT_THE_RELEASES:
        assert not causes.blames_release(kind)
