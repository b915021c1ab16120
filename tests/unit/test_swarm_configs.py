"""The port Store over the configs of an engine that is played."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from unit import fake_engine as fake
from unit.engine_shapes import CONFIG, OUT_OF_SEQUENCE
from unit.fake_engine import FakeEngine

from rollout.errors import AlreadyExists, Conflict, EngineReplyInvalid, NotFound, OutcomeUnknown
from rollout.ports import Entry
from rollout.sim.clock import SimClock
from rollout.swarm import EngineStore, Patience, connect

ID = CONFIG["ID"]
READ, RELABEL, REMOVE = f"GET /configs/{ID}", f"POST /configs/{ID}/update", f"DELETE /configs/{ID}"
WRITTEN = datetime(2026, 11, 23, 19, 17, 59, 653261, UTC)
ENTRY = Entry(ID, "a1", 757, {"n": "a1", "rollout": "x"}, b"hello", WRITTEN)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    with fake.fake_engine(tmp_path) as engine:
        engine.on(READ, fake.says(CONFIG))
        yield engine


@pytest.fixture
def store(engine: FakeEngine) -> EngineStore:
    return EngineStore(connect(engine.host, {}), Patience(SimClock()))


def config(**fields: Any) -> dict[str, Any]:
    spec = CONFIG["Spec"] | fields.pop("Spec", {})
    return CONFIG | fields | {"Spec": spec}


def test_create(engine: FakeEngine, store: EngineStore) -> None:
    engine.on("POST /configs/create", fake.says({"ID": ID}, 201))
    assert store.create("a1", b"hello", {"n": "a1", "rollout": "x"}) == ENTRY
    sent = engine.asked("POST /configs/create")[0].json
    assert sent == {"Name": "a1", "Labels": {"n": "a1", "rollout": "x"}, "Data": "aGVsbG8="}


def test_name_that_is_taken(engine: FakeEngine, store: EngineStore) -> None:
    message = "rpc error: code = AlreadyExists desc = config a1 already exists"
    engine.on("POST /configs/create", fake.refuses(409, message))
    with pytest.raises(AlreadyExists, match="config a1 already exists"):
        store.create("a1", b"hello", {})


@pytest.mark.parametrize("answer", [fake.cuts, fake.says(b"x", 201)])
def test_creation_whose_answer_is_lost(engine: FakeEngine, store: EngineStore, answer: fake.Answer) -> None:
    engine.on("POST /configs/create", answer)
    with pytest.raises(OutcomeUnknown):
        store.create("a1", b"hello", {})
    assert len(engine.asked("POST /configs/create")) == 1


def test_created_but_not_to_be_read(engine: FakeEngine, store: EngineStore) -> None:
    engine.on("POST /configs/create", fake.says({"ID": ID}, 201))
    engine.on(READ, fake.cuts)
    with pytest.raises(OutcomeUnknown, match="is written, but"):
        store.create("a1", b"hello", {})


def test_find_oldest_first(engine: FakeEngine, store: EngineStore) -> None:
    newer = config(ID="b" * 25, CreatedAt="2026-11-23T19:17:59.7Z")
    engine.on("GET /configs", fake.says([newer, CONFIG]))
    assert [entry.id for entry in store.find({"rollout": "x"})] == [ID, "b" * 25]
    assert json.loads(engine.requests[-1].query["filters"]) == {"label": ["rollout=x"]}


def test_find_takes_an_empty_value_at_its_word(engine: FakeEngine, store: EngineStore) -> None:
    """The engine would let every value pass."""
    engine.on("GET /configs", fake.says([CONFIG]))
    assert store.find({"rollout": ""}) == ()
    assert store.find({}) == (ENTRY,)


def test_relabel(engine: FakeEngine, store: EngineStore) -> None:
    engine.on(RELABEL, fake.says(b""))
    engine.on(READ, fake.says(config(Version={"Index": 759}, Spec={"Labels": {"z": "1"}})))
    assert store.relabel(ENTRY, {"z": "1"}).version == 759
    (request,) = engine.asked(RELABEL)
    assert request.query == {"version": "757"}
    assert request.json == {"Name": "a1", "Labels": {"z": "1"}, "Data": "aGVsbG8="}


def test_relabel_after_someone_else(engine: FakeEngine, store: EngineStore) -> None:
    engine.on(RELABEL, fake.refuses(500, OUT_OF_SEQUENCE))
    with pytest.raises(Conflict):
        store.relabel(ENTRY, {})


def test_relabel_right_before_someone_else(engine: FakeEngine, store: EngineStore) -> None:
    """Their version must not become ours: it would let us write over them."""
    engine.on(RELABEL, fake.says(b""))
    engine.on(READ, fake.says(config(Version={"Index": 760}, Spec={"Labels": {"z": "theirs"}})))
    with pytest.raises(Conflict, match="by someone else right after us"):
        store.relabel(ENTRY, {"z": "ours"})


def test_relabel_of_what_is_gone(engine: FakeEngine, store: EngineStore) -> None:
    engine.on(RELABEL, fake.refuses(404, f"config {ID} not found"))
    with pytest.raises(NotFound):
        store.relabel(ENTRY, {})


def test_remove(engine: FakeEngine, store: EngineStore) -> None:
    engine.on(REMOVE, fake.says(b"", 204), fake.refuses(404, f"config {ID} not found"))
    store.remove(ENTRY)
    store.remove(ENTRY)
    assert len(engine.asked(REMOVE)) == 2


def test_remove_whose_answer_is_lost(engine: FakeEngine, store: EngineStore) -> None:
    engine.on(REMOVE, fake.cuts)
    with pytest.raises(OutcomeUnknown):
        store.remove(ENTRY)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (config(Spec={"Data": "%%%"}), "config a1 makes no sense: Spec.Data is not base64"),
        (config(Spec={"Labels": {"a": 1}}), "Spec.Labels holds something other than texts"),
        (config(Spec={"Labels": []}), "Spec.Labels is not an object"),
        (config(Spec={"Name": None}), "Spec.Name is missing"),
        (config(UpdatedAt="now"), "UpdatedAt is not a time stamp"),
        (config(Version=None), "Version.Index is missing"),
        ("config", "it is not an object"),
    ],
)
def test_nonsense_is_named(engine: FakeEngine, store: EngineStore, broken: Any, words: str) -> None:
    engine.on("GET /configs", fake.says([broken]))
    with pytest.raises(EngineReplyInvalid) as caught:
        store.find({})
    assert words in caught.value.message


def test_data_is_bytes(engine: FakeEngine, store: EngineStore) -> None:
    data = bytes(range(256))
    engine.on("GET /configs", fake.says([config(Spec={"Data": base64.b64encode(data).decode()})]))
    assert store.find({})[0].data == data
