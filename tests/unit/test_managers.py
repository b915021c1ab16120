"""Several managers: the one that answers is asked, and the next one when it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from unit import fake_engine as fake
from unit.fake_engine import FakeEngine, cuts, refuses, says, sleeps

from rollout.errors import EngineUnavailable, NotASwarmManager, OutcomeUnknown, UsageError
from rollout.model import EngineHost, Image, Task, TaskState
from rollout.sim import SimClock
from rollout.swarm import EngineSwarm, Managers, Patience, connect, engine, reach


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[FakeEngine, FakeEngine]]:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with fake.fake_engine(tmp_path / "a") as one, fake.fake_engine(tmp_path / "b") as other:
        yield one, other


def managers(*engines: FakeEngine) -> Managers:
    return Managers([engine.host for engine in engines], lambda host: connect(host, {}))


def test_the_first_is_asked_as_long_as_it_answers(two):
    one, other = two
    one.on("GET /info", says({"Name": "one"}))
    asked = managers(one, other)
    assert [asked.read("look", "/info")["Name"] for _ in range(3)] == ["one"] * 3


def test_a_read_goes_on_at_the_next_one_when_one_breaks_off(two):
    one, other = two
    one.on("GET /info", cuts)
    other.on("GET /info", says({"Name": "other"}))
    asked = managers(one, other)
    found = Patience(SimClock()).read(lambda: asked.read("look", "/info"))
    assert found["Name"] == "other"
    assert asked.endpoint.host == other.host


def test_a_write_that_broke_off_is_never_repeated_by_itself(two):
    one, other = two
    one.on("POST /services/create", cuts)
    asked = managers(one, other)
    with pytest.raises(OutcomeUnknown):
        asked.write("create it", "post", "/services/create", {})
    assert not any(request.method == "POST" for request in other.requests)
    assert asked.endpoint.host == other.host


def test_one_that_is_not_there_is_passed_over(tmp_path: Path, two):
    asked = Managers([f"unix://{tmp_path}/nobody.sock", two[1].host], lambda host: connect(host, {}))
    assert asked.endpoint.host == two[1].host


def test_where_nobody_answers_it_is_said_of_whom(tmp_path: Path):
    with pytest.raises(EngineUnavailable, match=r"second\.sock"):
        reach(f"unix://{tmp_path}/first.sock,unix://{tmp_path}/second.sock")


def test_who_has_named_the_managers_is_said_and_what_is_wrong_with_each_of_them(tmp_path: Path):
    hosts = f"unix://{tmp_path}/first.sock,unix://{tmp_path}/second.sock"
    with pytest.raises(EngineUnavailable) as away:
        reach(EngineHost(hosts, "ROLLOUT_HOST"))
    said = away.value.message
    assert said.startswith("none of 2 managers answers: ")
    for name in ("first", "second"):
        assert f"{name}.sock (from ROLLOUT_HOST): there is no such socket" in said


@pytest.mark.parametrize("origin", ["ROLLOUT_HOST", "rollout.toml"])
def test_who_has_named_the_engine_is_said_where_it_is_not_there(tmp_path: Path, origin: str):
    with pytest.raises(EngineUnavailable, match=rf"no\.sock \(from {origin}\)"):
        reach(EngineHost(f"unix://{tmp_path}/no.sock", origin))


def test_an_address_that_is_none_is_refused(two):
    with pytest.raises(UsageError):
        reach("nonsense://here,unix:///nowhere.sock")


NO_MANAGER = "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state."
WEB = {"ID": "web", "Version": {"Index": 1}, "Spec": {"Name": "web", "TaskTemplate": {}}}


def test_a_manager_is_not_left_because_a_lost_node_is_silent_about_a_log(two, monkeypatch):
    one, other = two
    monkeypatch.setattr(engine, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(engine, "LOG_SECONDS", 0.3)
    one.on("GET /tasks/t1/logs", sleeps(2))
    asked = managers(one, other)
    task = Task("t1", "1", TaskState.RUNNING, TaskState.RUNNING, True, Image("a"))
    assert not EngineSwarm(asked).node_answers(task)
    assert EngineSwarm(asked).logs("t1", 5) == ()
    assert asked.endpoint.host == one.host


def test_nor_because_a_registry_takes_its_time_or_has_no_answer(two):
    one, other = two
    asked = managers(one, other)
    for answer in (sleeps(2), refuses(500, "dial tcp: i/o timeout")):
        one.on("GET /distribution/x/json", answer)
        with pytest.raises(EngineUnavailable):
            asked.ask_elsewhere("look up x", "/distribution/x/json", timeout=0.2)
    assert asked.endpoint.host == one.host


def test_but_one_that_is_gone_is_left_whatever_it_was_asked(two):
    one, other = two
    one.on("GET /distribution/x/json", cuts)
    asked = managers(one, other)
    with pytest.raises(EngineUnavailable):
        asked.ask_elsewhere("look up x", "/distribution/x/json")
    assert asked.endpoint.host == other.host


def test_one_that_does_not_answer_in_time_for_itself_is_left(two):
    one, other = two
    one.on("GET /info", sleeps(2))
    asked = managers(one, other)
    with pytest.raises(EngineUnavailable):
        asked.read("look", "/info", timeout=0.2)
    assert asked.endpoint.host == other.host


def test_a_worker_among_them_is_passed_over_by_reads_and_writes(two):
    """A manager that was demoted in mid-deployment, or a first host that never was one."""
    one, other = two
    one.on("GET /services/web", refuses(503, NO_MANAGER))
    one.on("POST /services/create", refuses(503, NO_MANAGER))
    other.on("GET /services/web", says(WEB))
    other.on("POST /services/create", says({"ID": "web"}, 201))
    assert EngineSwarm(managers(one, other)).service("web").name == "web"
    assert managers(one, other).write("create it", "post", "/services/create", {}) == {"ID": "web"}
    assert len(other.asked("POST /services/create")) == 1


def test_where_none_of_them_is_a_manager_that_is_said_of_one_of_them(two):
    for host in two:
        host.on("GET /services/web", refuses(503, NO_MANAGER))
        host.on("GET /info", says({"Swarm": {"LocalNodeState": "inactive"}}))
    with pytest.raises(NotASwarmManager, match="is not part of a Swarm"):
        EngineSwarm(managers(*two)).service("web")


def test_two_threads_that_lose_the_same_manager_go_on_at_the_same_next_one(two):
    one, other = two
    asked = managers(one, other)
    lost = asked._opened()
    asked._leave(lost)
    assert asked.endpoint.host == other.host
    asked._leave(lost)
    assert asked.endpoint.host == other.host
