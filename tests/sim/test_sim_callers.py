"""What callers see: users' requests, probes, and an engine that is not always there."""

from __future__ import annotations

import pytest

from rollout import spec
from rollout.errors import (
    AlreadyExists,
    Conflict,
    EngineRefused,
    EngineUnavailable,
    ImageNotFound,
    NotFound,
    OutcomeUnknown,
    RegistryDenied,
    RegistryUnavailable,
)
from rollout.model import HttpProbe, Image, Login, Service
from rollout.sim import Behaviour, Killed, SimSwarm, kill, service_spec

PROBE = HttpProbe("http://web/")


@pytest.fixture
def swarm() -> SimSwarm:
    made = SimSwarm(seed=9)
    made.images["app:1"] = Behaviour(latency=0.05)
    return made


@pytest.fixture
def service(swarm: SimSwarm) -> Service:
    return swarm.create_service("web", "app:1", replicas=2)


def labelled(service: Service) -> dict:
    return {**service.spec, "Labels": {"touched": "yes"}}


def test_a_probe_goes_round_the_tasks_and_takes_its_time(swarm, service):
    before = swarm.clock.now()
    results = [swarm.prober.ask(PROBE) for _ in range(4)]
    assert [result.ok for result in results] == [True] * 4
    assert swarm.clock.now() == pytest.approx(before + 0.2)


def test_a_bad_status_is_a_bad_answer_unless_it_is_expected(swarm):
    swarm.images["sad:1"] = Behaviour(status=500)
    swarm.create_service("web", "sad:1", replicas=1)
    assert swarm.prober.ask(PROBE).error == "status 500"
    assert swarm.prober.ask(HttpProbe("http://web/", expect_status=500)).ok


def test_a_slow_answer_is_none(swarm):
    swarm.images["slow:1"] = Behaviour(latency=30)
    swarm.create_service("web", "slow:1", replicas=1)
    before = swarm.clock.now()
    result = swarm.prober.ask(HttpProbe("http://web/", timeout=2))
    assert (result.ok, result.error) == (False, "no answer within 2s")
    assert swarm.clock.now() - before == pytest.approx(2)


def test_where_nobody_serves_the_connection_is_refused(swarm):
    assert swarm.prober.ask(PROBE).error == "connection refused"


def test_a_url_names_a_service_by_its_host_or_by_a_route(swarm, service):
    swarm.images["sad:1"] = Behaviour(status=503)
    swarm.create_service("other", "sad:1", replicas=1)
    swarm.prober.routes["example.org"] = "other"
    assert swarm.prober.ask(PROBE).status == 200
    assert swarm.prober.ask(HttpProbe("https://example.org/health")).status == 503
    assert not swarm.prober.ask(HttpProbe("https://elsewhere/")).ok


def test_a_load_counts_the_share_of_bad_answers(swarm, service):
    load = swarm.load(service, rate=100)
    swarm.clock.sleep(10)
    assert (load.requests, load.failed) == (1000, 0)
    swarm.machines.lose(swarm.tasks(service.id)[0].node_id)
    swarm.clock.sleep(10)
    assert (load.requests, load.failed) == (2000, 500)
    load.stop()
    swarm.clock.sleep(10)
    assert load.requests == 2000


def test_a_lost_request_has_not_landed_and_a_lost_reply_has(swarm, service):
    swarm.faults.services.lose_request(1)
    swarm.faults.services.lose_reply(2)
    for landed in (False, True):
        with pytest.raises(OutcomeUnknown):
            swarm.update(service, labelled(service), None)
        assert (swarm.service(service.id).version != service.version) == landed


def test_a_caller_can_be_killed_before_and_after_a_write(swarm, service):
    swarm.faults.services.before(1, kill)
    swarm.faults.all.after(2, kill)
    for landed in (False, True):
        with pytest.raises(Killed):
            swarm.update(service, labelled(service), None)
        assert (swarm.service(service.id).spec["Labels"] != {}) == landed


def test_writes_of_all_kinds_are_counted_together_and_apart(swarm, service):
    entry = swarm.store.create("lock", b"data", {})
    swarm.store.relabel(entry, {"beat": "1"})
    swarm.update(service, labelled(service), None)
    counts = (swarm.faults.entries.count, swarm.faults.services.count, swarm.faults.all.count)
    assert counts == (2, 1, 3)


def test_something_can_be_done_by_somebody_else_just_before_a_write(swarm, service):
    def meddle() -> None:
        swarm.update(swarm.service(service.id), labelled(service), None)

    swarm.faults.services.before(1, meddle)
    with pytest.raises(Conflict):
        swarm.update(service, service.spec, None)


def test_an_engine_that_is_away_answers_nothing_and_comes_back(swarm, service):
    swarm.faults.go_away(30)
    for call in (
        swarm.services,
        swarm.nodes,
        swarm.now,
        lambda: swarm.service("web"),
        lambda: swarm.tasks(service.id),
        lambda: swarm.update(service, labelled(service), None),
        lambda: swarm.store.find({}),
        lambda: swarm.store.create("lock", b"data", {}),
    ):
        with pytest.raises(EngineUnavailable):
            call()
    swarm.clock.sleep(30)
    assert swarm.service("web").version == service.version


def test_a_registry_can_be_away_deny_or_lack_an_image(swarm):
    image = Image.parse("app:1")
    with pytest.raises(ImageNotFound):
        swarm.registry.resolve(Image.parse("app:9"))
    swarm.registry.denied.add("app")
    with pytest.raises(RegistryDenied):
        swarm.registry.resolve(image)
    swarm.registry.go_away(5)
    with pytest.raises(RegistryUnavailable):
        swarm.registry.resolve(image)
    swarm.registry.denied.clear()
    swarm.clock.sleep(5)
    assert swarm.registry.resolve(image).digest


def test_logins_are_by_repository(swarm):
    swarm.registry.logins["app"] = "token"
    assert swarm.registry.login(Image.parse("app:1")) == Login("token")
    assert swarm.registry.login(Image.parse("other:1")) is None


def test_what_is_not_there_is_not_found(swarm, service):
    swarm.remove_service(service.id)
    with pytest.raises(NotFound):
        swarm.service("web")
    with pytest.raises(NotFound):
        swarm.update(service, service.spec, None)


def test_names_are_taken_once(swarm, service):
    with pytest.raises(AlreadyExists):
        swarm.create(service.spec)


@pytest.mark.parametrize("size", [0, 500 * 1024])
def test_an_entry_has_some_data_but_not_too_much(swarm, size):
    with pytest.raises(EngineRefused):
        swarm.store.create("big", bytes(size), {})


@pytest.mark.parametrize(
    "change",
    [
        {"Name": "other"},
        {"Mode": {"Global": {}}},
        {"TaskTemplate": {}},
        {"TaskTemplate": {"ContainerSpec": {"Image": ""}}},
        {"UpdateConfig": {"Delay": -1}},
        {"UpdateConfig": {"Monitor": -1}},
        {"RollbackConfig": {"MaxFailureRatio": 2}},
    ],
)
def test_an_impossible_spec_is_refused(swarm, service, change):
    with pytest.raises(EngineRefused):
        swarm.update(service, {**service.spec, **change}, None)
    assert swarm.service(service.id) == service


def test_a_service_that_never_settles_is_said_so(swarm):
    with pytest.raises(TimeoutError):
        swarm.create_service("ghost", "nothing:1", replicas=1)


def test_what_is_laid_over_a_spec_is_laid_over_field_by_field():
    made = service_spec("web", "app:1", 2, {"TaskTemplate": {"ContainerSpec": {"Env": ["A=1"]}}})
    assert made["TaskTemplate"]["ContainerSpec"] == {"Image": "app:1", "Env": ["A=1"], "Isolation": "default"}
    assert spec.replicas(made) == 2
