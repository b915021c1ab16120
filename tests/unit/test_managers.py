"""Several managers: the one that answers is asked, and the next one when it is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from unit import fake_engine as fake
from unit.fake_engine import FakeEngine, cuts, says

from rollout.errors import EngineUnavailable, OutcomeUnknown, UsageError
from rollout.sim import SimClock
from rollout.swarm import Managers, Patience, connect, reach


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


def test_an_address_that_is_none_is_refused(two):
    with pytest.raises(UsageError):
        reach("nonsense://here,unix:///nowhere.sock")
