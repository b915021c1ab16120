"""The port Swarm over an engine that is played: what is asked, what comes of it, and how patient it is."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from unit import fake_engine as fake
from unit.engine_shapes import (
    DIGEST,
    FAILED,
    INFO,
    LOG,
    NO_LEADER,
    NODE,
    NOT_A_MANAGER,
    SERVICE,
    STARTING,
    WORKER,
)
from unit.fake_engine import FakeEngine

from rollout.errors import (
    EngineReplyInvalid,
    EngineUnavailable,
    NotASwarmManager,
    NotFound,
    OutcomeUnknown,
    RolloutError,
)
from rollout.model import Healthcheck, Image, ImageConfig, Service, Task, TaskState
from rollout.sim.clock import SimClock
from rollout.swarm import EngineSwarm, Facts, Patience, connect
from rollout.swarm.logs import lines_of


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    with fake.fake_engine(tmp_path) as engine:
        yield engine


@pytest.fixture
def clock() -> SimClock:
    return SimClock()


@pytest.fixture
def swarm(engine: FakeEngine, clock: SimClock) -> EngineSwarm:
    return EngineSwarm(connect(engine.host, {}), Patience(clock))


class TestReads:
    def test_services(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /services", fake.says([SERVICE]))
        assert [service.name for service in swarm.services()] == ["web"]

    def test_service_without_defaults_filled_in(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /services/web", fake.says(SERVICE))
        assert swarm.service("web").spec == SERVICE["Spec"]
        assert engine.requests[-1].query == {}

    def test_beginning_of_an_id_is_no_name(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /services/rrtrz", fake.says(SERVICE))
        with pytest.raises(NotFound, match="no service rrtrz"):
            swarm.service("rrtrz")

    @pytest.mark.parametrize("name", ["", "..", "../nodes", "a/b", "a b", "a\x1b[2J", "-a"])
    def test_names_that_cannot_be_are_not_asked_for(
        self, engine: FakeEngine, swarm: EngineSwarm, name: str
    ) -> None:
        with pytest.raises(NotFound) as caught:
            swarm.service(name)
        assert "\x1b" not in caught.value.message
        assert len(engine.requests) == 1

    def test_tasks_are_asked_for_twice(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /tasks", fake.says([STARTING, FAILED]), fake.says([STARTING]))
        tasks = swarm.tasks("web")
        assert [(task.id[:3], task.up_to_date) for task in tasks] == [("jmi", False), ("m24", True)]
        asked = [json.loads(request.query["filters"]) for request in engine.asked("GET /tasks")]
        assert asked == [{"service": ["web"]}, {"service": ["web"], "_up-to-date": ["true"]}]

    def test_tasks_that_can_have_changed_are_asked_for_by_what_they_are(
        self, engine: FakeEngine, swarm: EngineSwarm
    ) -> None:
        engine.on("GET /tasks", *(fake.says([STARTING]) for _ in range(3)))
        found = [swarm.released_tasks("web", "41"), swarm.ended_tasks("web"), swarm.tasks_by_id(["a", "b"])]
        assert [task.up_to_date for (task,) in found] == [True, True, False]
        asked = [json.loads(request.query["filters"]) for request in engine.asked("GET /tasks")]
        assert asked == [
            {"service": ["web"], "label": ["swarm-rollout.release=41"], "_up-to-date": ["true"]},
            {"service": ["web"], "desired-state": ["shutdown"], "_up-to-date": ["true"]},
            {"id": ["a", "b"]},
        ]

    def test_the_tasks_of_all_services_are_one_question(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        other = {**STARTING, "ID": "x" * 25, "ServiceID": "s2"}
        attached = {key: value for key, value in STARTING.items() if key != "ServiceID"}
        engine.on("GET /tasks", fake.says([FAILED, STARTING, other, {**attached, "ID": "y" * 25}]))
        found = swarm.standing_tasks()
        assert [task.id for task in found["s2"]] == ["x" * 25]
        assert [task.id for task in found[STARTING["ServiceID"]]] == [FAILED["ID"], STARTING["ID"]]
        assert len(found) == 2
        (request,) = engine.asked("GET /tasks")
        assert json.loads(request.query["filters"]) == {"desired-state": ["running", "ready"]}

    def test_past_tasks_of_several_services_are_one_question_and_of_none_no_question(
        self, engine: FakeEngine, swarm: EngineSwarm
    ) -> None:
        engine.on("GET /tasks", fake.says([FAILED]))
        assert swarm.past_tasks([]) == {}
        assert [task.died for task in swarm.past_tasks(["s1", "s2"])[FAILED["ServiceID"]]] == [True]
        (request,) = engine.asked("GET /tasks")
        assert json.loads(request.query["filters"]) == {
            "service": ["s1", "s2"],
            "desired-state": ["shutdown"],
        }

    def test_nodes(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /nodes", fake.says([NODE]))
        assert [node.hostname for node in swarm.nodes()] == ["adapters-n1"]

    def test_time_and_facts(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /info", fake.says(INFO))
        assert swarm.now() == datetime(2026, 11, 23, 19, 17, 59, 790772, UTC)
        node, cluster = "7ynwjod025cjju4vxssejqdol", "o3p0fo8o4q9xwchgnj50nhwuc"
        assert swarm.facts() == Facts("20.10.24+dfsg1", "1.41", node, "adapters-n1", cluster)

    def test_nonsense_is_not_asked_for_again(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /services", fake.says([{}]))
        with pytest.raises(EngineReplyInvalid):
            swarm.services()
        assert len(engine.asked("GET /services")) == 1


class TestPatience:
    def test_read_goes_on_after_a_hiccup(
        self, engine: FakeEngine, swarm: EngineSwarm, clock: SimClock
    ) -> None:
        engine.on("GET /services", fake.cuts, fake.refuses(500, NO_LEADER), fake.says([]))
        assert swarm.services() == ()
        assert clock.now() == pytest.approx(1.5)

    def test_patience_ends(self, engine: FakeEngine, swarm: EngineSwarm, clock: SimClock) -> None:
        engine.on("GET /services", fake.refuses(500, NO_LEADER))
        with pytest.raises(EngineUnavailable, match="does not have a leader"):
            swarm.services()
        assert 20 <= clock.now() < 25

    def test_someone_is_told(self, engine: FakeEngine, clock: SimClock) -> None:
        told: list[tuple[str, float]] = []
        patience = Patience(clock, notice=lambda error, seconds: told.append((error.message, seconds)))
        engine.on("GET /services", fake.cuts, fake.cuts, fake.says([]))
        EngineSwarm(connect(engine.host, {}), patience).services()
        assert [seconds for _, seconds in told] == [0.5, 1.0]
        assert "cannot list the services" in told[0][0]

    def test_who_is_told_may_end_it(self, engine: FakeEngine, clock: SimClock) -> None:
        def stop(error: RolloutError, seconds: float) -> None:
            raise KeyboardInterrupt

        engine.on("GET /services", fake.cuts)
        with pytest.raises(KeyboardInterrupt):
            EngineSwarm(connect(engine.host, {}), Patience(clock, notice=stop)).services()

    def test_none_at_all(self, engine: FakeEngine, clock: SimClock) -> None:
        engine.on("GET /services", fake.cuts)
        with pytest.raises(EngineUnavailable):
            EngineSwarm(connect(engine.host, {}), Patience(clock, 0)).services()
        assert len(engine.asked("GET /services")) == 1

    def test_writes_know_none(self, engine: FakeEngine, swarm: EngineSwarm, clock: SimClock) -> None:
        engine.on("POST /services/s/update", fake.refuses(500, NO_LEADER))
        with pytest.raises(OutcomeUnknown):
            swarm.update(Service("s", "web", 1, SERVICE["Spec"]), SERVICE["Spec"], None)
        assert len(engine.asked("POST /services/s/update")) == 1
        assert clock.now() == 0


class TestNoManager:
    def ask(self, engine: FakeEngine, swarm: EngineSwarm, info: fake.Answer) -> NotASwarmManager:
        engine.on("GET /services", fake.refuses(503, NOT_A_MANAGER))
        engine.on("GET /info", info)
        with pytest.raises(NotASwarmManager) as caught:
            swarm.services()
        return caught.value

    def test_worker_names_the_managers(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        error = self.ask(engine, swarm, fake.says(WORKER))
        assert "is a worker of its Swarm" in error.message
        assert error.hint == "name a manager by --host ssh://USER@HOST: 198.18.1.11"

    @pytest.mark.parametrize(
        ("state", "words", "hint"),
        [
            ("inactive", "is not part of a Swarm", "docker swarm init"),
            ("locked", "is locked", "docker swarm unlock"),
        ],
    )
    def test_other_states(
        self, engine: FakeEngine, swarm: EngineSwarm, state: str, words: str, hint: str
    ) -> None:
        error = self.ask(engine, swarm, fake.says({"Swarm": {"LocalNodeState": state}}))
        assert words in error.message
        assert hint in error.hint

    @pytest.mark.parametrize("info", [fake.cuts, fake.says([]), fake.says({"Swarm": {"LocalNodeState": 1}})])
    def test_engine_that_cannot_say(self, engine: FakeEngine, swarm: EngineSwarm, info: fake.Answer) -> None:
        assert "This node is not a swarm manager" in self.ask(engine, swarm, info).message


class TestUpdate:
    CALL = "POST /services/s/update"

    def sent(
        self, engine: FakeEngine, swarm: EngineSwarm, before: dict[str, Any], after: dict[str, Any]
    ) -> Any:
        engine.on(self.CALL, fake.says({"Warnings": None}))
        kept = copy.deepcopy(after)
        swarm.update(Service("s", "web", 7, before), after, None)
        assert after == kept, "the caller's spec stays as it is"
        (request,) = engine.asked(self.CALL)
        assert request.query["version"] == "7"
        return request.json

    def placed(self, placement: dict[str, Any] | None) -> dict[str, Any]:
        spec: dict[str, Any] = copy.deepcopy(SERVICE["Spec"])
        if placement is not None:
            spec["TaskTemplate"]["Placement"] = placement
        return spec

    def test_as_it_is(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        spec = self.placed(None)
        assert self.sent(engine, swarm, spec, spec) == spec

    def test_placement_is_emptied_instead_of_taken_away(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        """Taken away, it kills the managers of 20.10 (seen)."""
        before, after = self.placed({"Constraints": ["node.role==worker"]}), self.placed(None)
        assert self.sent(engine, swarm, before, after) == self.placed({})


class TestImageConfig:
    IMAGE = Image("reg/app", "1", DIGEST)
    EXACT = f"GET /images/reg%2Fapp%40{DIGEST.replace(':', '%3A')}/json"
    FULL = f"GET /images/reg%2Fapp%3A1%40{DIGEST.replace(':', '%3A')}/json"

    def test_by_digest(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        kept = {"Test": ["CMD", "true"], "Interval": 10**10, "StartPeriod": 2 * 10**9, "Retries": 4}
        engine.on(self.EXACT, fake.says({"Config": {"Healthcheck": kept}}))
        found = Healthcheck(test=("CMD", "true"), interval=10.0, retries=4, start_period=2.0)
        assert swarm.image_config(self.IMAGE) == ImageConfig(healthcheck=found)

    def test_by_full_reference(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on(self.EXACT, fake.refuses(404, "no such image: x: No such image: x"))
        engine.on(self.FULL, fake.says({"Config": {}}))
        assert swarm.image_config(self.IMAGE) == ImageConfig()

    def test_image_that_is_not_here(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on(self.EXACT, fake.refuses(404, "no such image"))
        engine.on(self.FULL, fake.refuses(404, "no such image"))
        assert swarm.image_config(self.IMAGE) is None

    @pytest.mark.parametrize("kept", ["yes", {"Test": "true"}, {"Interval": "10s"}, {"Retries": [1]}])
    def test_that_makes_no_sense(self, engine: FakeEngine, swarm: EngineSwarm, kept: Any) -> None:
        engine.on(self.EXACT, fake.says({"Config": {"Healthcheck": kept}}))
        with pytest.raises(EngineReplyInvalid, match="image reg/app"):
            swarm.image_config(self.IMAGE)


class TestNodeAnswers:
    """As seen on 20.10: the head comes at once, from the manager; the end when the node has answered."""

    NODE = Task("t", "1", TaskState.RUNNING, TaskState.RUNNING, True, Image("reg/app"))
    GONE = (
        b"Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream. some logs "
        b"could not be retrieved for the following reasons: node 9z37qu2li0fl128tmc4fdifyw is not available\n"
    )

    def test_a_log_that_ends_has_come_from_its_node(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /tasks/t/logs", fake.says(b""))
        assert swarm.node_answers(self.NODE) is True
        assert engine.requests[-1].query["tail"] == "0", "what the task said is of no interest, and untrusted"

    def test_a_node_that_is_silent(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /tasks/t/logs", fake.opens_and_sleeps(5))
        begun = time.monotonic()
        assert swarm.node_answers(self.NODE) is False
        assert time.monotonic() - begun < 2.5

    def test_a_node_that_managers_lost_sight_of_may_well_be_there(
        self, engine: FakeEngine, swarm: EngineSwarm
    ) -> None:
        """After a cut they may say so for ever (moby/moby issue 35011): no bad release may hide behind it."""
        frame = b"\x03\0\0\0" + len(self.GONE).to_bytes(4, "big") + self.GONE
        engine.on("GET /tasks/t/logs", fake.says(frame))
        assert swarm.node_answers(self.NODE) is True

    @pytest.mark.parametrize("answer", [fake.refuses(404, "task t not found"), fake.refuses(500, NO_LEADER)])
    def test_a_manager_that_says_no_says_nothing_against_the_node(
        self, engine: FakeEngine, swarm: EngineSwarm, answer: fake.Answer
    ) -> None:
        engine.on("GET /tasks/t/logs", answer)
        assert swarm.node_answers(self.NODE) is True


def test_the_api_version_is_the_one_that_the_engine_offers(tmp_path: Path) -> None:
    """All calls use it: in an older one a start interval would be dropped from every write."""
    with fake.fake_engine(tmp_path, api="1.51") as engine:
        client = connect(engine.host, {})
        assert EngineSwarm(client).api_version() == (1, 51)
        assert client._api("/services").endswith("/v1.51/services")


class TestLogs:
    def test_as_recorded(self) -> None:
        assert lines_of(LOG, 10) == ("hello", "red", "err")

    def test_last_ones(self) -> None:
        assert lines_of(LOG, 2) == ("red", "err")
        assert lines_of(LOG, 0) == ()

    def test_terminal(self) -> None:
        assert lines_of(b"hello\r\n\x1b]0;title\x07world\r\n", 5) == ("hello", "world")

    def test_line_in_two_frames(self) -> None:
        assert lines_of(b"\x01\0\0\0\0\0\0\x03hel\x01\0\0\0\0\0\0\x03lo\n", 5) == ("hello",)

    def test_frame_cut_short(self) -> None:
        assert lines_of(LOG[:-2], 5) == ("hello", "red", "er")

    def test_engines_own_words_are_not_the_tasks(self) -> None:
        assert lines_of(b"\x03\0\0\0\0\0\0\x05oops\n" + LOG, 5) == ("hello", "red", "err")

    def test_long_lines_are_cut(self) -> None:
        assert [len(line) for line in lines_of(b"x" * 3000, 5)] == [500]

    def test_bytes_that_are_no_text(self) -> None:
        assert lines_of(b"\xff\xfe\x00ok\n", 5) == ("\ufffd\ufffdok",)

    def test_asks_for_both_streams(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /tasks/t/logs", fake.says(LOG))
        assert swarm.logs("t", 20) == ("hello", "red", "err")
        assert engine.requests[-1].query == {"stdout": "1", "stderr": "1", "tail": "20"}

    @pytest.mark.parametrize(
        "answer",
        [fake.cuts, fake.refuses(404, "task t not found"), fake.refuses(503, NOT_A_MANAGER), fake.says(b"")],
    )
    def test_no_log_is_no_error(self, engine: FakeEngine, swarm: EngineSwarm, answer: fake.Answer) -> None:
        engine.on("GET /tasks/t/logs", answer)
        assert swarm.logs("t", 20) == ()
        assert len(engine.requests) == 2, "nobody waits for a log"

    def test_silence_ends(self, engine: FakeEngine, swarm: EngineSwarm) -> None:
        engine.on("GET /tasks/t/logs", fake.sleeps(20))
        begun = time.monotonic()
        assert swarm.logs("t", 20) == ()
        assert time.monotonic() - begun < 4

    def test_dripping_log_ends_with_what_came(self, engine: FakeEngine) -> None:
        swarm = EngineSwarm(connect(engine.host, {}))
        engine.on("GET /tasks/t/logs", fake.drips)
        begun = time.monotonic()
        assert set(swarm.logs("t", 20)) == {"hello"}
        assert time.monotonic() - begun < 7
