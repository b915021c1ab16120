"""Logins with the writes of a deployment, and new ones for services that run."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from rollout import deploy, spec
from rollout.errors import OutcomeUnknown, Refused, RegistryUnavailable, UsageError
from rollout.events import Note
from rollout.logins import ANONYMOUS
from rollout.model import Availability, Image, Message, Notify, Occasion, OnFailure, OutcomeKind, TaskState
from rollout.notify.teller import Teller
from rollout.planfile import Wanted, agreed, save
from rollout.refreshing import Refreshed, Renewal, refresh
from rollout.render.json_lines import JsonLines
from rollout.sim import Behaviour, Health, service_spec
from rollout.sim.background import AtOnce
from rollout.state.holder import Holder
from rollout.state.lock import Locksmith
from tests.sim.conftest import nobody

ME = Holder("ann@desk")


def sent(stage) -> set[str | None]:
    """The credentials that the service has, by its newest tasks."""
    return {task.credentials for task in stage.swarm._memory.tasks_of(stage.now.id) if task.wanted}


def in_force(stage) -> str | None:
    return stage.swarm._control.find(stage.now.id).credentials


def renew(stage) -> Refreshed:
    return refresh(stage.now, stage.world, ME)


def running(stage) -> set[str]:
    return {task.id for task in stage.swarm.tasks(stage.now.id) if task.wanted and task.running}


class TestDeployments:
    def test_the_login_goes_with_every_write(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "fresh"
        assert stage.deploy().kind == OutcomeKind.DEPLOYED
        assert sent(stage) == {"fresh"}
        assert in_force(stage) == "fresh"

    def test_it_goes_with_the_way_back_too(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "fresh"
        stage.swarm.images["app:2"] = Behaviour(health=Health.BAD)
        assert stage.deploy().kind == OutcomeKind.ROLLED_BACK
        assert in_force(stage) == "fresh"

    def test_without_a_login_the_services_own_stays(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "good"
        stage.deploy()
        stage.swarm.registry.logins.clear()
        assert stage.deploy("app:1").kind == OutcomeKind.DEPLOYED
        assert in_force(stage) == "good"

    def test_one_that_does_not_open_the_registry_takes_no_good_ones_place(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "good"
        stage.deploy()
        stage.swarm.registry.logins["app"] = "stale"
        stage.swarm.registry.denied.add("app")
        assert stage.restart().kind == OutcomeKind.DEPLOYED
        assert in_force(stage) == "good"

    def test_one_that_has_expired_refuses_and_touches_nothing(self, stage):
        before = stage.serve()
        stage.swarm.registry.logins["app"] = "stale"
        stage.swarm.registry.login_ends = stage.swarm.clock.wall() - timedelta(hours=1)
        with pytest.raises(Refused, match="the login for the registry expired 1h ago"):
            stage.deploy()
        assert stage.now.version == before.version

    def test_one_that_has_expired_is_not_sent_where_that_is_accepted(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "stale"
        stage.swarm.registry.login_ends = stage.swarm.clock.wall() - timedelta(hours=1)
        assert stage.deploy(ignore_checks=("credentials-expired",)).kind == OutcomeKind.DEPLOYED
        assert in_force(stage) is None

    def test_one_that_ends_before_the_deadline_is_told(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "short"
        stage.swarm.registry.login_ends = stage.swarm.clock.wall() + timedelta(minutes=10)
        assert "credentials-expiring" in {finding.code for finding in stage.plan().findings}

    def test_a_platform_that_no_node_has_refuses(self, stage):
        stage.serve()
        stage.swarm.registry.platforms = ("linux/arm64",)
        with pytest.raises(Refused, match=r"linux/arm64, the nodes are linux/x86_64"):
            stage.deploy()

    def test_what_runs_is_not_asked_for_its_platform(self, stage):
        stage.serve()
        stage.swarm.registry.platforms = ("linux/arm64",)
        assert stage.restart().kind == OutcomeKind.DEPLOYED


class TestMovingToAnotherRegistry:
    """Each write takes along the login for the image that it brings."""

    @pytest.fixture
    def moving(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "login-of-a"
        stage.deploy("app:1", force=True)
        stage.swarm.images["b.example/app:2"] = Behaviour()
        stage.swarm.registry.logins["b.example/app"] = "login-of-b"
        return stage

    def test_the_release_has_the_new_registrys_login(self, moving):
        assert moving.deploy("b.example/app:2").kind == OutcomeKind.DEPLOYED
        assert sent(moving) == {in_force(moving)} == {"login-of-b"}

    def test_what_is_rolled_back_has_the_old_registrys_login_again(self, moving):
        moving.swarm.images["b.example/app:2"] = Behaviour(health=Health.BAD)
        assert moving.deploy("b.example/app:2").kind == OutcomeKind.ROLLED_BACK
        assert sent(moving) == {in_force(moving)} == {"login-of-a"}

    def test_an_abort_brings_the_old_registrys_login_back(self, moving):
        moving.swarm.images["b.example/app:2"] = Behaviour(health=Health.BAD)
        assert moving.deploy("b.example/app:2", on_failure=OnFailure.HOLD).kind == OutcomeKind.HELD
        assert moving.abort().kind == OutcomeKind.ABORTED
        assert sent(moving) == {in_force(moving)} == {"login-of-a"}

    def test_a_registry_that_wants_no_login_is_not_sent_the_other_ones(self, moving):
        del moving.swarm.registry.logins["b.example/app"]
        assert moving.deploy("b.example/app:2").kind == OutcomeKind.DEPLOYED
        assert in_force(moving) == ANONYMOUS


class TestTroubleWithTheLogin:
    def away(self, stage) -> None:
        def login(_image):
            raise RegistryUnavailable("AWS gave no login in time")

        stage.swarm.registry.login = login

    def untried(self, stage) -> None:
        stage.swarm.registry.logins["app"] = "untried"
        stage.swarm.registry.opens = lambda _image: Availability.UNASKED

    def half_done(self, stage) -> None:
        stage.serve()
        stage.swarm.registry.logins["app"] = "good"
        stage.swarm.images["app:2"] = Behaviour(health=Health.BAD)
        assert stage.deploy(on_failure=OnFailure.HOLD).kind == OutcomeKind.HELD
        self.away(stage)

    def test_nobody_is_kept_from_going_back(self, stage):
        self.half_done(stage)
        assert stage.abort().kind == OutcomeKind.ABORTED
        assert in_force(stage) == "good"
        assert any("AWS gave no login in time" in note.sentence for note in stage.log.of(Note))

    def test_nobody_is_kept_from_going_on(self, stage):
        self.half_done(stage)
        stage.swarm.registry.go_away(600)
        assert stage.resume().kind == OutcomeKind.ROLLED_BACK

    def test_nobody_is_kept_from_a_restart_or_an_undo(self, stage):
        stage.serve()
        stage.deploy()
        self.away(stage)
        stage.swarm.registry.go_away(600)
        assert stage.restart().kind == OutcomeKind.DEPLOYED
        assert stage.undo(to=1).kind == OutcomeKind.DEPLOYED
        assert stage.undo().kind == OutcomeKind.DEPLOYED

    def test_that_none_is_sent_is_said_and_why(self, stage):
        stage.serve()
        self.untried(stage)
        stage.deploy()
        assert in_force(stage) is None
        assert "the service keeps its own: it could not be tried" in stage.log.of(Note)[0].sentence

    def test_a_node_that_cannot_pull_is_not_blamed_for_a_login_that_was_not_sent(self, stage):
        stage.serve()
        stage.swarm.images["app:2"] = Behaviour(private=True)
        self.untried(stage)
        outcome = stage.deploy()
        assert outcome.kind == OutcomeKind.REFUSED
        assert "no login goes along for docker.io" in outcome.cause.sentence
        assert "cannot reach" not in outcome.cause.sentence


class TestRefresh:
    def test_services_get_the_login_and_no_replica_restarts(self, stage):
        stage.serve()
        before = running(stage)
        stage.swarm.registry.logins["app"] = "fresh"
        assert renew(stage).renewal == Renewal.RENEWED
        stage.swarm.clock.sleep(120)
        assert in_force(stage) == "fresh"
        assert running(stage) == before

    def test_a_replica_that_could_not_be_pulled_any_more_starts(self, stage):
        stage.swarm.images["app:1"] = Behaviour(private=True)
        stage.swarm.registry.logins["app"] = "fresh"
        service = stage.swarm.create(service_spec("site", "app:1", 2, {}), None)
        stage.swarm.clock.sleep(60)
        assert not running(stage)
        assert refresh(service, stage.world, ME).renewal == Renewal.RENEWED
        stage.swarm.settle(service)
        assert len(running(stage)) == 2

    def test_until_when_it_is_good_is_said(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "fresh"
        stage.swarm.registry.login_ends = ends = stage.swarm.clock.wall() + timedelta(hours=12)
        assert f"{ends:%H:%M}" in renew(stage).sentence

    def test_without_a_login_nothing_is_written(self, stage):
        before = stage.serve()
        assert renew(stage).renewal == Renewal.NO_LOGIN
        assert stage.now.version == before.version

    @pytest.mark.parametrize("trouble", ["expired", "denied", "away", "gone"])
    def test_a_login_that_may_not_work_is_not_written(self, stage, trouble):
        before = stage.serve()
        registry = stage.swarm.registry
        registry.logins["app"] = "stale"
        match trouble:
            case "expired":
                registry.login_ends = stage.swarm.clock.wall()
            case "denied":
                registry.denied.add("app")
            case "away":
                registry.go_away(600)
            case "gone":
                stage.swarm.images.forget("app:1")
        assert renew(stage).renewal == Renewal.LEFT_ALONE
        assert stage.now.version == before.version

    def test_a_login_that_ends_soon_takes_no_longer_ones_place(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "good"
        stage.deploy("app:1", force=True)
        stage.swarm.registry.logins["app"] = "short"
        stage.swarm.registry.login_ends = stage.swarm.clock.wall() + timedelta(minutes=59)
        found = renew(stage)
        assert (found.renewal, in_force(stage)) == (Renewal.LEFT_ALONE, "good")
        assert "ends in 59m already" in found.sentence

    def test_a_mistake_in_the_settings_is_no_services_fault(self, stage):
        stage.serve()

        def login(_image):
            raise UsageError("only one is set")

        stage.swarm.registry.login = login
        with pytest.raises(UsageError):
            renew(stage)

    def test_what_was_written_is_told_though_the_lock_cannot_be_given_back(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "fresh"

        def remove(_entry):
            raise OutcomeUnknown("connection broke")

        stage.swarm.store.remove = remove
        assert renew(stage).renewal == Renewal.RENEWED
        assert in_force(stage) == "fresh"

    def test_a_service_that_is_being_deployed_is_left_alone(self, stage):
        before = stage.serve()
        stage.swarm.registry.logins["app"] = "fresh"
        Locksmith(stage.swarm.store, stage.swarm.clock, print).acquire(before.id, "site", ME)
        found = renew(stage)
        assert found.renewal == Renewal.LOCKED
        assert "ann@desk" in found.sentence
        assert stage.now.version == before.version

    def test_a_deployment_that_stands_still_is_left_alone(self, stage):
        stage.serve()
        stage.swarm.images["app:2"] = Behaviour(health=Health.BAD)
        assert stage.deploy(on_failure=OnFailure.HOLD).kind == OutcomeKind.HELD
        before, running_before = stage.now.version, running(stage)
        stage.swarm.registry.logins["app"] = "fresh"
        found = renew(stage)
        assert found.renewal == Renewal.LEFT_ALONE
        assert "unfinished" in found.sentence
        assert (stage.now.version, running(stage)) == (before, running_before)

    def test_an_update_of_swarms_own_is_left_alone(self, stage):
        service = stage.serve()
        slowly = {"Parallelism": 1, "Delay": 3600 * 10**9}
        wanted = {**spec.with_image(service.spec, Image.parse("app:2")), "UpdateConfig": slowly}
        stage.swarm.update(service, wanted, None)
        stage.swarm.clock.sleep(30)
        stage.swarm.registry.logins["app"] = "fresh"
        before = running(stage)
        found = renew(stage)
        assert found.renewal == Renewal.LEFT_ALONE
        assert "being updated" in found.sentence
        stage.swarm.clock.sleep(30)
        assert running(stage) == before

    def test_tasks_that_have_ended_for_good_are_not_started_again(self, stage):
        stage.swarm.images["app:1"] = Behaviour(healthcheck=False, crash_after=1.0, exit_code=0)
        once = {"TaskTemplate": {"RestartPolicy": {"Condition": "none"}}}
        service = stage.swarm.create(service_spec("site", "app:1", 2, once), None)
        stage.swarm.clock.sleep(30)
        stage.swarm.registry.logins["app"] = "fresh"
        found = refresh(service, stage.world, ME)
        assert found.renewal == Renewal.LEFT_ALONE
        assert "ended for good" in found.sentence
        assert {task.state for task in stage.swarm.tasks(service.id)} == {TaskState.COMPLETE}

    def test_its_lock_is_given_back(self, stage):
        stage.serve()
        stage.swarm.registry.logins["app"] = "fresh"
        renew(stage)
        assert stage.deploy().kind == OutcomeKind.DEPLOYED


class TestNothingOfALoginGetsOut:
    """It is in the spec that Swarm keeps, and nowhere else: no record, plan file, message or event has it."""

    SECRET = "eyJ1c2VybmFtZSI6ICJjaSIsICJwYXNzd29yZCI6ICJnZWhlaW0ifQ=="

    @pytest.mark.parametrize("health", [Health.GOOD, Health.BAD])
    def test_of_a_deployment(self, stage, tmp_path, caplog, capfd, health):
        caplog.set_level(logging.DEBUG)
        stage.serve()
        stage.swarm.registry.logins["app"] = self.SECRET
        stage.swarm.images["app:2"] = Behaviour(private=True, health=health)
        told: list[Message] = []
        path = tmp_path / "plan.json"
        save(agreed(stage.plan(), Wanted("site", "app:2"), "2026-01-05T09:00:00+00:00", bytes(16)), path)
        teller = Teller([Chat(told)], Notify(on=tuple(Occasion)), ME, AtOnce(), stage.swarm.clock)
        world = replace(stage.world, sink=teller.hearing(stage.log))
        deploy.deploy(stage.request(), world, ME, nobody)
        assert in_force(stage) == self.SECRET
        entries = stage.swarm.store.find({})
        kept = [*(repr(one.labels) + one.data.decode() for one in entries), path.read_text(), repr(told)]
        shown = [repr(stage.log.events), as_json(stage.log.events), caplog.text, *capfd.readouterr()]
        assert entries
        assert told
        assert not [text for text in (*kept, *shown) if self.SECRET in text or "geheim" in text]

    def test_of_a_renewal(self, stage, caplog, capfd):
        caplog.set_level(logging.DEBUG)
        stage.serve()
        stage.swarm.registry.logins["app"] = self.SECRET
        found = renew(stage)
        assert in_force(stage) == self.SECRET
        shown = [repr(found), repr(stage.log.events), caplog.text, *capfd.readouterr()]
        assert not [text for text in shown if self.SECRET in text]


@dataclass(frozen=True)
class Chat:
    """A channel that keeps what it gets."""

    messages: list[Message]
    name: str = "Chat"

    def send(self, message: Message, _seconds: float) -> None:
        self.messages.append(message)


def as_json(events) -> str:
    stream = io.StringIO()
    with JsonLines(stream) as sink:
        for event in events:
            sink.emit(event)
    return stream.getvalue()
