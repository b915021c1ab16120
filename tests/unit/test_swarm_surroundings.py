"""The port Surroundings over an engine that is played."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit import fake_engine as fake
from unit.engine_shapes import CONFIG, NODE, PENDING, RUNNING, SERVICE, STARTING
from unit.fake_engine import FakeEngine

from rollout.errors import EngineReplyInvalid
from rollout.model import Occupant
from rollout.sim.clock import SimClock
from rollout.swarm import EngineSurroundings, Patience, connect, parse

TASKS, SERVICES = "GET /tasks", "GET /services"
HTTP = {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "host"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    with fake.fake_engine(tmp_path) as engine:
        engine.on(SERVICES, fake.says([SERVICE]))
        yield engine


@pytest.fixture
def around(engine: FakeEngine) -> EngineSurroundings:
    return EngineSurroundings(connect(engine.host, {}), Patience(SimClock()))


def test_who_has_a_node_and_is_meant_to_run_takes_up_room(engine: FakeEngine, around: EngineSurroundings):
    waiting_for_its_node = PENDING | {"NodeID": NODE["ID"]}
    engine.on(TASKS, fake.says([RUNNING, STARTING, PENDING, waiting_for_its_node]))
    assert [one.node_id for one in around.occupants()] == [NODE["ID"], NODE["ID"]]
    asked = json.loads(engine.asked(TASKS)[0].query["filters"])
    assert asked == {"desired-state": ["running"]}


def test_reservations_and_host_ports_come_along(engine: FakeEngine, around: EngineSurroundings):
    spec = RUNNING["Spec"] | {"Resources": {"Reservations": {"NanoCPUs": 5, "MemoryBytes": 7}}}
    published = SERVICE | {"Spec": SERVICE["Spec"] | {"EndpointSpec": {"Ports": [HTTP]}}}
    engine.on(SERVICES, fake.says([published]))
    engine.on(TASKS, fake.says([RUNNING | {"Spec": spec}]))
    expected = Occupant(NODE["ID"], SERVICE["ID"], 5, 7, frozenset({("tcp", 8080)}))
    assert around.occupants() == (expected,)


def test_reservations_that_make_no_sense_are_refused(engine: FakeEngine, around: EngineSurroundings):
    spec = RUNNING["Spec"] | {"Resources": {"Reservations": {"MemoryBytes": "1G"}}}
    engine.on(TASKS, fake.says([RUNNING | {"Spec": spec}]))
    with pytest.raises(EngineReplyInvalid, match="a task's reservations"):
        around.occupants()


def test_a_secret_is_there_or_not(engine: FakeEngine, around: EngineSurroundings):
    engine.on("GET /secrets/s1", fake.says({"ID": "s1"}))
    engine.on("GET /secrets/s2", fake.refuses(404, "secret s2 not found"))
    assert (around.has_secret("s1"), around.has_secret("s2")) == (True, False)


def config(data: str) -> dict[str, Any]:
    return CONFIG | {"Spec": CONFIG["Spec"] | {"Data": data}}


def test_a_config_is_read_as_text(engine: FakeEngine, around: EngineSurroundings):
    engine.on("GET /configs/c1", fake.says(config(base64.b64encode("résolveur".encode()).decode())))
    engine.on("GET /configs/c2", fake.refuses(404, "config c2 not found"))
    engine.on("GET /configs/c3", fake.says(config(base64.b64encode(b"\xff\x00").decode())))
    assert (around.config_text("c1"), around.config_text("c2")) == ("résolveur", None)
    assert around.config_text("c3") == "\ufffd\x00"


def test_a_config_that_makes_no_sense_is_refused(engine: FakeEngine, around: EngineSurroundings):
    engine.on("GET /configs/c1", fake.says(config("%%%")))
    with pytest.raises(EngineReplyInvalid, match="is not base64"):
        around.config_text("c1")


def test_a_node_says_what_it_has_and_who_may_come():
    engine = {"EngineVersion": "20.10.24+dfsg1", "Labels": {"gpu": "yes"}}
    labelled = NODE["Spec"] | {"Labels": {"edge": "yes"}}
    found = parse.node(NODE | {"Spec": labelled, "Description": NODE["Description"] | {"Engine": engine}})
    assert (found.os, found.architecture, found.address) == ("linux", "x86_64", "198.18.1.11")
    assert (found.nano_cpus, found.memory, found.engine) == (2 * 10**9, 25276510208, "20.10.24+dfsg1")
    assert (found.labels, found.engine_labels) == ({"edge": "yes"}, {"gpu": "yes"})


def test_a_node_that_has_not_described_itself_has_no_known_limits():
    found = parse.node({key: value for key, value in NODE.items() if key != "Description"})
    assert (found.nano_cpus, found.memory, found.engine) == (None, None, "")


def test_a_service_says_how_swarms_own_update_stands_and_where_its_rollback_goes():
    found = parse.service(SERVICE | {"UpdateStatus": {"State": "paused"}, "PreviousSpec": SERVICE["Spec"]})
    assert (found.update_state, found.previous) == ("paused", SERVICE["Spec"])
    assert (parse.service(SERVICE).update_state, parse.service(SERVICE).previous) == ("", None)


def test_a_previous_spec_that_makes_no_sense_is_refused():
    with pytest.raises(EngineReplyInvalid, match=r"PreviousSpec\.TaskTemplate"):
        parse.service(SERVICE | {"PreviousSpec": {"TaskTemplate": []}})
