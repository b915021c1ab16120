"""The smoke test before any user: a preview of the release gets healthy, a command tries it, both go away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rollout.errors import Refused, exit_code_of
from rollout.events import Note, OneShotEnded, OneShotStarted, StepStarted
from rollout.model import CauseKind, OneShot, Outcome, OutcomeKind, Service
from rollout.oneshot import names
from rollout.sim import Behaviour, Health, command
from rollout.sim.faults import Killed
from rollout.state.record import history

SMOKE = OneShot(("smoke", "--page", "/"), timeout=60.0)
NETWORK = {"TaskTemplate": {"Networks": [{"Target": "net", "Aliases": ["php"]}]}}
GOOD = {"smoke": command(0, "the page is fine")}
BAD = {"smoke": command(1, "GET /", "Status: 500")}


def side_services(stage) -> list[str]:
    return [service.name for service in stage.swarm.services() if names.is_side_service(service.spec)]


def released(stage, **behaviour: object) -> None:
    """Push the release that is to be tried."""
    stage.swarm.images["app:2"] = Behaviour(**({"commands": GOOD} | behaviour))


def notes(stage) -> str:
    return "\n".join(note.sentence for note in stage.log.of(Note))


class Untouched:
    """The service as it was; nothing of it may have changed."""

    def __init__(self, stage, service: Service) -> None:
        self._stage = stage
        self._version = service.version
        self._load = stage.swarm.load(service, rate=60)

    def check(self, outcome: Outcome, cause: CauseKind, exit_code: int = 5) -> None:
        assert outcome.kind == OutcomeKind.REFUSED
        assert exit_code_of(outcome) == exit_code
        assert outcome.cause is not None
        assert outcome.cause.kind == cause
        assert self._stage.now.version == self._version
        assert self._stage.swarm.faults.services.count == 0
        assert self._load.failed == 0
        assert side_services(self._stage) == []
        assert history(self._stage.swarm.store, self._stage.now.id) == ()


@pytest.fixture
def site(stage) -> Untouched:
    return Untouched(stage, stage.serve(**NETWORK))


def test_a_release_that_passes_is_deployed_and_its_preview_is_gone_before_the_first_user(stage, site):
    released(stage)
    there: list[list[str]] = []
    stage.swarm.faults.services.before(1, lambda: there.append(side_services(stage)))
    assert stage.deploy(smoke=SMOKE).kind == OutcomeKind.DEPLOYED
    assert there == [[]]
    assert stage.images_running() == {"app:2"}


def test_a_release_that_fails_reaches_no_user_and_says_what_the_test_said(stage, site):
    released(stage, status=500, commands=BAD)
    outcome = stage.deploy(smoke=SMOKE)
    site.check(outcome, CauseKind.SMOKE)
    assert outcome.cause.log == ("GET /", "Status: 500")
    assert "`smoke --page /`" in outcome.cause.sentence
    assert "exit code 1" in outcome.cause.sentence
    assert stage.log.of(StepStarted) == []


def test_the_command_is_told_whom_to_ask_and_what_is_tried(stage, site):
    released(stage)
    told: dict[str, str] = {}

    def look() -> None:
        made = next(one for one in stage.swarm.services() if one.name.startswith("rollout-smoke-"))
        told.update(entry.split("=", 1) for entry in made.spec["TaskTemplate"]["ContainerSpec"]["Env"])
        told["preview"] = next(name for name in side_services(stage) if name.startswith("rollout-preview-"))

    stage.swarm.faults.births.after(2, look)
    stage.deploy(smoke=SMOKE, prepull=False)
    assert told["ROLLOUT_PREVIEW_HOST"] == told["preview"]
    assert told["ROLLOUT_SERVICE"] == "site"
    assert told["ROLLOUT_IMAGE"].startswith("app:2@sha256:")
    assert told["ROLLOUT_OLD_IMAGE"] == "app:1"
    assert told["ROLLOUT_PURPOSE"] == "smoke"


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"crash_after": 0.2, "exit_code": 9, "log": ("Fatal error",)}, "exit code 9"),
        ({"health": Health.BAD, "stop_code": 7}, "its health check failed"),
        ({"health": Health.BAD, "stop_code": 0}, "because its health check failed"),
        ({"health": Health.SILENT}, "after 20s it was started and not healthy yet"),
        ({"cannot_start": "no such file"}, "no such file"),
        ({"private": True}, "no login for its registry"),
    ],
)
def test_a_release_whose_preview_does_not_get_healthy_reaches_no_user(stage, site, behaviour, words):
    released(stage, **behaviour)
    outcome = stage.deploy(smoke=SMOKE, start_timeout=20.0, prepull=False)
    site.check(outcome, CauseKind.SMOKE)
    assert words in outcome.cause.sentence
    assert outcome.cause.log == behaviour.get("log", ())
    assert stage.log.of(OneShotStarted) == []


def test_without_a_health_check_a_preview_that_runs_is_tried(stage, site):
    released(stage, healthcheck=False)
    assert stage.deploy(smoke=SMOKE, probes=()).kind == OutcomeKind.DEPLOYED


def test_a_command_that_hangs_fails_when_its_time_is_up(stage, site):
    released(stage, commands={"smoke": command(0, seconds=1000.0)})
    outcome = stage.deploy(smoke=SMOKE)
    site.check(outcome, CauseKind.SMOKE)
    assert "after 60s it was still running" in outcome.cause.sentence


def test_a_command_that_the_image_does_not_have_fails(stage, site):
    released(stage, commands={})
    outcome = stage.deploy(smoke=SMOKE)
    site.check(outcome, CauseKind.SMOKE)
    assert "executable file not found" in outcome.cause.sentence


def test_another_image_can_do_the_asking(stage, site):
    released(stage, commands={})
    stage.swarm.images["tools/curl:8"] = Behaviour(commands=GOOD)
    outcome = stage.deploy(smoke=OneShot(("smoke",), image="tools/curl:8"))
    assert outcome.kind == OutcomeKind.DEPLOYED


def test_another_image_comes_with_its_own_login(stage, site):
    released(stage, commands={})
    stage.swarm.images["tools/curl:8"] = Behaviour(commands=GOOD, private=True)
    stage.swarm.registry.logins["tools/curl"] = "bG9naW4="
    outcome = stage.deploy(smoke=OneShot(("smoke",), image="tools/curl:8"))
    assert outcome.kind == OutcomeKind.DEPLOYED


def test_another_image_that_is_not_to_be_had_refuses_the_deployment(stage, site):
    released(stage)
    outcome = stage.deploy(smoke=OneShot(("smoke",), image="tools/curl:9"))
    site.check(outcome, CauseKind.SMOKE)
    assert "tools/curl:9" in outcome.cause.sentence


def test_no_node_with_room_for_a_preview_refuses_the_deployment_and_says_so(stage):
    reserved = {"Resources": {"Reservations": {"MemoryBytes": 2 * 1024**3}}}
    service = stage.serve(3, TaskTemplate=NETWORK["TaskTemplate"] | reserved)
    for node in stage.swarm.nodes():
        stage.swarm.machines.resize(node.id, nano_cpus=4 * 10**9, memory=3 * 1024**3)
    site = Untouched(stage, service)
    released(stage)
    outcome = stage.deploy(smoke=SMOKE, start_timeout=20.0, ignore_checks=("start-first-unplaceable",))
    site.check(outcome, CauseKind.SMOKE)
    assert "no suitable node (insufficient resources on 3 nodes)" in outcome.cause.sentence


def test_a_test_whose_node_dies_is_no_verdict_on_the_release_and_says_so(stage, site):
    released(stage, commands={"smoke": command(0, seconds=50.0)})

    def lose_node() -> None:
        made = next(one for one in stage.swarm.services() if one.name.startswith("rollout-smoke-"))
        (task,) = stage.swarm.tasks(made.id)
        stage.swarm.machines.lose(task.node_id)

    stage.swarm.faults.births.after(2, lambda: stage.swarm.clock.call_later(5.0, lose_node))
    outcome = stage.deploy(smoke=SMOKE, probes=())
    assert outcome.kind == OutcomeKind.REFUSED
    assert "its node was lost" in outcome.cause.sentence


def test_a_service_without_a_network_cannot_be_smoke_tested(stage):
    stage.serve()
    with pytest.raises(Refused, match="no network of its own") as caught:
        stage.deploy(smoke=SMOKE, before=(OneShot(("migrate",)),))
    assert "--network-add" in caught.value.hint
    assert stage.swarm.faults.births.count == 0


def test_a_global_service_has_a_preview_of_one_replica(stage):
    stage.serve(None, **NETWORK)
    released(stage)
    replicas: list[int] = []

    def look() -> None:
        made = next(one for one in stage.swarm.services() if one.name.startswith("rollout-preview-"))
        replicas.append(len(stage.swarm.tasks(made.id)))

    stage.swarm.faults.births.before(2, look)
    assert stage.deploy(smoke=SMOKE, prepull=False).kind == OutcomeKind.DEPLOYED
    assert replicas == [1]


def at(stage, act: str, number: int, happen: Callable[[], None]) -> None:
    getattr(stage.swarm.faults.births, act)(number, happen)


@pytest.mark.parametrize(("act", "number"), [("after", 1), ("after", 2), ("before", 3)])
def test_ctrl_c_during_the_smoke_test_removes_the_preview_and_changes_nothing(stage, site, act, number):
    released(stage)
    signals: list[int] = []
    at(stage, act, number, lambda: signals.append(2))
    outcome = stage.deploy(smoke=SMOKE, interrupted=lambda: next(iter(signals), None))
    site.check(outcome, CauseKind.INTERRUPTED, exit_code=130)


def test_a_lock_that_is_lost_meanwhile_ends_it_before_anything_is_changed(stage, site):
    released(stage, commands={"smoke": command(0, seconds=30.0)})

    def take_lock() -> None:
        (entry,) = stage.swarm.store.find({"rollout.kind": "lock"})
        stage.swarm.store.remove(entry)

    at(stage, "after", 2, take_lock)
    site.check(stage.deploy(smoke=SMOKE), CauseKind.LOCK_LOST)


@pytest.mark.parametrize("lost", ["lose_request", "lose_reply"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_lost_connection_at_any_write_neither_doubles_a_side_service_nor_leaves_one(
    stage, site, lost, number
):
    released(stage)
    getattr(stage.swarm.faults.births, lost)(number)
    assert stage.deploy(smoke=SMOKE).kind == OutcomeKind.DEPLOYED
    assert side_services(stage) == []


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 19))
def test_killed_at_any_write_it_serves_on_and_the_next_deployment_clears_up(stage, moment, number):
    service = stage.serve(**NETWORK)
    released(stage, commands=GOOD | {"migrate": command()})
    load = stage.swarm.load(service, rate=60)
    getattr(stage.swarm.faults.all, moment)(number, stage.swarm.faults.die)
    hooks = {"smoke": SMOKE, "before": (OneShot(("migrate",)),), "after": (OneShot(("migrate",)),)}
    with pytest.raises(Killed):
        stage.deploy(**hooks)
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(120)
    assert stage.deploy(**hooks).kind in {OutcomeKind.DEPLOYED, OutcomeKind.UNCHANGED}
    assert side_services(stage) == []
    assert stage.images_running() == {"app:2"}
    assert load.failed == 0


def test_what_was_left_behind_is_named_also_when_there_is_nothing_to_deploy(stage, site):
    released(stage)
    stage.swarm.faults.births.after(2, stage.swarm.faults.die)
    with pytest.raises(Killed):
        stage.deploy(smoke=SMOKE, prepull=False)
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(120)
    left = side_services(stage)
    assert len(left) == 2
    assert stage.deploy("app:1").kind in {OutcomeKind.UNCHANGED, OutcomeKind.DEPLOYED}
    assert side_services(stage) == []
    assert all(f"removing {name}, left behind" in notes(stage) for name in left)


def test_side_services_of_another_service_are_left_alone(stage, site):
    other = stage.swarm.create_service("other", "app:1", 1)
    labels = names.labels(names.PREVIEW, other)
    kept = stage.swarm.create_service("rollout-preview-other-0123abcd", "app:1", 1, Labels=labels)
    released(stage)
    assert stage.deploy(smoke=SMOKE).kind == OutcomeKind.DEPLOYED
    assert side_services(stage) == [kept.name]


def test_an_interrupted_deployment_goes_on_without_another_test(stage, site):
    """Users have met the release already: it is judged where they meet it."""
    released(stage)
    stage.swarm.faults.services.after(2, stage.swarm.faults.die)
    with pytest.raises(Killed):
        stage.deploy(smoke=SMOKE)
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(120)
    stage.log.events.clear()
    assert stage.deploy(smoke=SMOKE).kind == OutcomeKind.DEPLOYED
    assert stage.log.of(OneShotStarted) == []


def test_a_failed_test_leaves_an_interrupted_deployment_as_it_was(stage, site):
    """Else its baseline would be lost, and the half-way spec would be the one to go back to."""
    released(stage)
    stage.swarm.faults.services.after(2, stage.swarm.faults.die)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(120)
    stage.swarm.images["app:3"] = Behaviour(commands=BAD)
    assert stage.deploy("app:3", smoke=SMOKE).kind == OutcomeKind.REFUSED
    assert stage.deploy("app:1").kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:1"}


def test_the_screen_hears_of_the_preview_and_of_the_test(stage, site):
    released(stage)
    stage.deploy(smoke=SMOKE)
    (begun,), (ended,) = stage.log.of(OneShotStarted), stage.log.of(OneShotEnded)
    assert (begun.purpose, begun.command) == ("smoke test", "smoke --page /")
    assert (ended.error, ended.log) == ("", ("the page is fine",))
    assert 0 < ended.seconds < 10
    assert "a preview of the release that no user can reach" in notes(stage)


def test_no_environment_of_the_service_is_shown(stage):
    secret = {"ContainerSpec": {"Env": ["DB_PASSWORD=hunter2"]}}
    stage.serve(TaskTemplate=NETWORK["TaskTemplate"] | secret)
    released(stage, commands=BAD)
    outcome = stage.deploy(smoke=SMOKE)
    shown = [event for event in stage.log.events if isinstance(event, Note | OneShotStarted | OneShotEnded)]
    assert outcome.cause.kind == CauseKind.SMOKE
    assert "hunter2" not in f"{shown} {outcome}"
