"""Creating and removing services on an engine that is played: once, with the login, and no reply believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from unit import fake_engine as fake
from unit.engine_shapes import SERVICE
from unit.fake_engine import FakeEngine

from rollout.errors import AlreadyExists, EngineRefused, OutcomeUnknown
from rollout.sim.clock import SimClock
from rollout.swarm import EngineSwarm, Patience, connect

CREATE = "POST /services/create"
WANTED = {"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}}}
TAKEN = "name conflicts with an existing object: service web already exists"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    with fake.fake_engine(tmp_path) as engine:
        yield engine


@pytest.fixture
def swarm(engine: FakeEngine) -> EngineSwarm:
    return EngineSwarm(connect(engine.host, {}), Patience(SimClock()))


def test_a_service_is_created_as_it_is_written_and_read_back(engine: FakeEngine, swarm: EngineSwarm):
    engine.on(CREATE, fake.says({"ID": SERVICE["ID"]}, 201))
    engine.on(f"GET /services/{SERVICE['ID']}", fake.says(SERVICE))
    assert swarm.create(WANTED, "bG9naW4=").version == SERVICE["Version"]["Index"]
    (sent,) = engine.asked(CREATE)
    assert sent.json == WANTED
    assert sent.headers["X-Registry-Auth"] == "bG9naW4="


def test_without_a_login_none_is_sent(engine: FakeEngine, swarm: EngineSwarm):
    engine.on(CREATE, fake.says({"ID": SERVICE["ID"]}, 201))
    engine.on(f"GET /services/{SERVICE['ID']}", fake.says(SERVICE))
    swarm.create(WANTED, None)
    assert "X-Registry-Auth" not in engine.asked(CREATE)[0].headers


def test_a_name_that_is_taken_is_said_to_be(engine: FakeEngine, swarm: EngineSwarm):
    engine.on(CREATE, fake.refuses(409, f"rpc error: code = AlreadyExists desc = {TAKEN}"))
    with pytest.raises(AlreadyExists, match="service web already exists"):
        swarm.create(WANTED, None)


def test_a_spec_that_is_not_acceptable_is_refused_with_the_engines_words(
    engine: FakeEngine, swarm: EngineSwarm
):
    engine.on(CREATE, fake.refuses(400, "invalid mount target"))
    with pytest.raises(EngineRefused, match="invalid mount target"):
        swarm.create(WANTED, None)


def test_a_reply_that_is_lost_is_not_made_good_by_a_second_try(engine: FakeEngine, swarm: EngineSwarm):
    engine.on(CREATE, fake.cuts)
    with pytest.raises(OutcomeUnknown):
        swarm.create(WANTED, None)
    assert len(engine.asked(CREATE)) == 1


def test_what_is_created_and_cannot_be_read_is_not_taken_for_refused(engine: FakeEngine, swarm: EngineSwarm):
    engine.on(CREATE, fake.says({"ID": SERVICE["ID"]}, 201))
    engine.on(f"GET /services/{SERVICE['ID']}", fake.refuses(503, "context deadline exceeded"))
    with pytest.raises(OutcomeUnknown, match="service web is created, but"):
        swarm.create(WANTED, None)


def test_a_login_is_in_no_error(engine: FakeEngine, swarm: EngineSwarm):
    engine.on(CREATE, fake.cuts)
    with pytest.raises(OutcomeUnknown) as caught:
        swarm.create(WANTED, "c2VjcmV0")
    assert "c2VjcmV0" not in caught.value.message + caught.value.hint


def test_a_service_is_removed_by_its_id(engine: FakeEngine, swarm: EngineSwarm):
    engine.on("DELETE /services/abc", fake.says(b""))
    swarm.remove("abc")
    assert len(engine.asked("DELETE /services/abc")) == 1


def test_removing_what_is_gone_is_no_error(engine: FakeEngine, swarm: EngineSwarm):
    engine.on("DELETE /services/abc", fake.refuses(404, "service abc not found"))
    swarm.remove("abc")
    assert len(engine.asked("DELETE /services/abc")) == 1
