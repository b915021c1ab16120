"""Replies of a real engine become values; replies that make no sense are refused by name."""

from __future__ import annotations

import copy
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.engine_shapes import DIGEST, DISTRIBUTION, FAILED, NODE, PENDING, RUNNING, SERVICE, STARTING

from rollout import spec
from rollout.errors import EngineReplyInvalid
from rollout.model import Image, Mode, TaskState
from rollout.swarm import parse
from rollout.swarm.reply import Reply


def without(shape: dict[str, Any], path: str, *, put: Any = None) -> dict[str, Any]:
    """The shape with one field gone, or replaced."""
    edited = copy.deepcopy(shape)
    *parents, last = path.split(".")
    inner = edited
    for key in parents:
        inner = inner[key]
    inner.pop(last, None)
    if put is not None:
        inner[last] = put
    return edited


def test_service_keeps_its_spec_as_it_came() -> None:
    service = parse.service(SERVICE)
    assert (service.id, service.name, service.version) == ("rrtrzvkrxxh64h2frqfsm21ho", "web", 21)
    assert service.spec == SERVICE["Spec"]
    assert spec.mode(service.spec) == Mode.REPLICATED


def test_starting_task() -> None:
    task = parse.task(STARTING, True)
    assert task.slot == "2"
    assert task.state == TaskState.STARTING
    assert task.desired == TaskState.RUNNING
    assert task.image == Image("198.18.1.1:5000/busybox", "latest")
    assert task.since == "2026-11-23T19:15:40.763055365Z"
    assert task.exit_code is None  # the engine's 0 means nothing before the end
    assert task.start_seconds is None


def test_running_task_knows_how_long_its_start_took() -> None:
    assert parse.task(RUNNING, True).start_seconds == pytest.approx(1.5)


def test_clocks_that_disagree_give_no_start_time() -> None:
    early = without(RUNNING, "CreatedAt", put="2026-11-23T19:15:59Z")
    assert parse.task(early, True).start_seconds is None


def test_failed_task() -> None:
    task = parse.task(FAILED, True)
    assert task.died
    assert task.exit_code == 3
    assert task.error == "task: non-zero exit (3)"


def test_task_without_a_node_yet() -> None:
    task = parse.task(PENDING, True)
    assert task.node_id == ""
    assert task.state == TaskState.PENDING
    assert task.exit_code is None


def test_slot_of_a_global_task_is_its_node() -> None:
    task = parse.task(without(STARTING, "Slot"), True)
    assert task.slot == task.node_id == "7ynwjod025cjju4vxssejqdol"


def test_tasks_newest_first_though_go_trims_zeros() -> None:
    tasks = parse.tasks([STARTING, PENDING, FAILED], [])
    assert [task.id[:3] for task in tasks] == ["rf7", "jmi", "m24"]


def test_up_to_date_is_what_the_second_answer_says() -> None:
    tasks = parse.tasks([STARTING, FAILED], [FAILED])
    assert {task.id[:3]: task.up_to_date for task in tasks} == {"m24": False, "jmi": True}


def test_younger_answer_wins_and_loses_nothing() -> None:
    now_running = without(STARTING, "Status.State", put="running")
    tasks = parse.tasks([STARTING], [now_running, PENDING])
    assert [(task.id[:3], task.state.label) for task in tasks] == [("rf7", "pending"), ("m24", "running")]


def test_error_of_a_task_cannot_drive_a_terminal() -> None:
    rude = without(FAILED, "Status.Err", put="\x1b]0;owned\x07\x1b[2Jboom\r\nagain\u202e")
    assert parse.task(rude, True).error == "boom  again"


def test_node() -> None:
    node = parse.node(NODE)
    assert node.hostname == "adapters-n1"
    assert node.ready
    assert node.active
    assert node.manager


@pytest.mark.parametrize(
    ("path", "value", "flag"),
    [
        ("Status.State", "down", "ready"),
        ("Spec.Availability", "drain", "active"),
        ("Spec.Role", "worker", "manager"),
    ],
)
def test_node_out_of_service(path: str, value: str, flag: str) -> None:
    assert getattr(parse.node(without(NODE, path, put=value)), flag) is False


def test_digest() -> None:
    assert parse.digest(DISTRIBUTION, "image") == DIGEST


@pytest.mark.parametrize("wrong", ["", "sha256:12", "sha256:" + "Z" * 64, "../" + "0" * 64])
def test_digest_that_is_none(wrong: str) -> None:
    with pytest.raises(EngineReplyInvalid, match=r"Descriptor\.digest"):
        parse.digest({"Descriptor": {"digest": wrong}}, "image")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("ID", None, "a service makes no sense: ID is missing"),
        ("Spec", None, "service rrtrzvkrxxh64h2frqfsm21ho makes no sense: Spec is missing"),
        ("Spec", "x", "Spec is not an object"),
        ("Spec.Name", "", "Spec.Name is empty"),
        ("Version.Index", "21", "Version.Index is not a number"),
        ("Version.Index", True, "Version.Index is not a number"),
        ("Spec.Mode.Replicated.Replicas", "2", "Spec.Mode.Replicated.Replicas is not a number"),
        ("Spec.TaskTemplate.ContainerSpec", [1], "Spec.TaskTemplate.ContainerSpec is not an object"),
    ],
)
def test_nonsense_in_a_service_is_named(path: str, value: Any, words: str) -> None:
    with pytest.raises(EngineReplyInvalid) as caught:
        parse.service(without(SERVICE, path, put=value))
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("Status.State", None, "node 7ynwjod025cjju4vxssejqdol makes no sense: Status.State is missing"),
        ("Status", [], "Status is not an object"),
    ],
)
def test_nonsense_in_a_node_is_named(path: str, value: Any, words: str) -> None:
    with pytest.raises(EngineReplyInvalid) as caught:
        parse.node(without(NODE, path, put=value))
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("Status.State", "dancing", "Status.State is not a state of a task"),
        ("DesiredState", None, "DesiredState is missing"),
        ("Status", None, "Status.State is missing"),
        ("Slot", "two", "Slot is not a number"),
        ("CreatedAt", "yesterday", "CreatedAt is not a time stamp"),
        ("CreatedAt", None, "CreatedAt is missing"),
    ],
)
def test_nonsense_in_a_task_is_named(path: str, value: Any, words: str) -> None:
    with pytest.raises(EngineReplyInvalid) as caught:
        parse.tasks([without(STARTING, path, put=value)], [])
    assert words in caught.value.message


@pytest.mark.parametrize("reply", [None, {}, "tasks", 7, {"message": "no"}])
def test_no_list_where_one_belongs(reply: Any) -> None:
    with pytest.raises(EngineReplyInvalid, match="tasks is not a list"):
        parse.tasks(reply, [])


def test_times_keep_their_zone() -> None:
    reply = Reply({"At": "2026-11-23T19:17:59.790772336Z", "Bare": "2026-11-23T19:17:59"}, "x")
    assert reply.time("At") == datetime(2026, 11, 23, 19, 17, 59, 790772, UTC)
    assert reply.time("Bare").tzinfo == UTC


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PATHS = [
    "ID",
    "Slot",
    "NodeID",
    "Status",
    "Status.State",
    "Status.ContainerStatus",
    "Status.ContainerStatus.ExitCode",
    "Status.Err",
    "Status.Timestamp",
    "Spec",
    "Spec.ContainerSpec",
    "DesiredState",
    "CreatedAt",
]


@given(st.sampled_from(PATHS), JSON, st.sampled_from([STARTING, RUNNING, FAILED]))
def test_whatever_comes_is_a_task_or_refused(path: str, value: Any, shape: dict[str, Any]) -> None:
    with suppress(EngineReplyInvalid):
        parse.tasks([without(shape, path, put=value)], [])


@given(JSON, st.sampled_from([parse.service, parse.node]))
def test_whatever_comes_is_refused_in_our_words(value: Any, read: Any) -> None:
    with suppress(EngineReplyInvalid):
        read(value)
