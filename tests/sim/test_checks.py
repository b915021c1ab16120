"""Checks at the beginning of a deployment: what refuses it, and what is read to find that out."""

from __future__ import annotations

import json
from contextlib import nullcontext

import pytest

from rollout import deploy, spec
from rollout.cli.run import run
from rollout.errors import ExitCode, Refused
from rollout.events import Planned
from rollout.model import Healthcheck, Image, Order, OutcomeKind, Overrides, PlanKind, Severity
from rollout.targeting import Restart

GIB = 1 << 30
SECOND = 1_000_000_000
CROWDED = "start-first-unplaceable"
SIGNAL = Overrides(stop_signal="SIGQUIT", stop_grace_period=40.0)


@pytest.fixture
def crowded(stage):
    """A service whose nodes have no room for one replica more."""
    for node in stage.swarm.nodes():
        stage.swarm.machines.resize(node.hostname, 8 * SECOND, GIB)
    stage.serve(3, TaskTemplate={"Resources": {"Reservations": {"MemoryBytes": GIB}}})
    return stage


def codes(plan) -> list[str]:
    return [finding.code for finding in plan.findings]


def test_an_error_refuses_before_anything_is_touched(crowded):
    before = crowded.now
    with pytest.raises(Refused, match=CROWDED) as refused:
        crowded.deploy()
    assert refused.value.exit_code == ExitCode.REFUSED
    assert f"--ignore-checks {CROWDED}" in refused.value.hint
    assert crowded.now == before
    assert crowded.swarm.store.find({}) == ()
    assert [codes(event.plan)[0] for event in crowded.log.of(Planned)] == [CROWDED]


def test_force_accepts_the_errors_and_still_names_them(crowded):
    plan = crowded.plan(force=True)
    (error,) = (finding for finding in plan.findings if finding.code == CROWDED)
    assert (error.severity, error.accepted) == (Severity.ERROR, True)
    assert crowded.deploy(force=True, progress_timeout=20.0).kind == OutcomeKind.HELD


def test_force_accepts_what_strictness_made_an_error(stage):
    stage.serve()
    assert stage.deploy(probes=(), strict=True, force=True).kind == OutcomeKind.DEPLOYED


def test_force_on_the_command_line(crowded, typed, capsys):
    assert typed("plan", "site", "--tag", "2") == ExitCode.REFUSED
    assert typed("plan", "site", "--tag", "2", "--force") == ExitCode.OK
    assert f"accepted: {CROWDED}" in capsys.readouterr().out


def test_room_for_one_more_is_enough(crowded):
    crowded.swarm.machines.resize("node-2", 8 * SECOND, 2 * GIB)
    assert crowded.deploy().kind == OutcomeKind.DEPLOYED


def test_nothing_to_do_is_not_refused(crowded):
    crowded.deploy("app:1", order=Order.STOP_FIRST)
    assert crowded.plan("app:1").kind == PlanKind.UNCHANGED
    assert crowded.deploy("app:1").kind == OutcomeKind.UNCHANGED


def test_a_warning_refuses_only_where_strictness_is_wished(stage):
    stage.serve()
    with pytest.raises(Refused, match="no-probe"):
        stage.deploy(probes=(), strict=True)
    assert stage.deploy(probes=()).kind == OutcomeKind.DEPLOYED


def test_an_accepted_warning_passes_the_strictest(stage):
    stage.serve()
    warned = tuple(codes(stage.plan(probes=())))
    assert "no-probe" in warned
    assert stage.deploy(probes=(), strict=True, ignore_checks=warned).kind == OutcomeKind.DEPLOYED


def half_way(stage) -> None:
    """Killed half-way, and then the nodes are full."""
    stage.serve(TaskTemplate={"Resources": {"Reservations": {"MemoryBytes": GIB}}})
    stage.swarm.faults.services.before(2, lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        stage.deploy(prepull=False)
    stage.swarm.clock.sleep(60)
    for node in stage.swarm.nodes():
        stage.swarm.machines.resize(node.hostname, 8 * SECOND, GIB)


def test_a_deployment_that_was_cut_off_half_way_is_not_refused_by_what_came_up_since(stage):
    half_way(stage)
    assert CROWDED in codes(stage.plan())
    assert stage.deploy(progress_timeout=30.0, start_timeout=10.0).kind == OutcomeKind.HELD


def test_a_pause_of_swarms_own_is_found(stage):
    service = stage.serve(UpdateConfig={"FailureAction": "pause", "Parallelism": 1})
    stage.swarm.update(service, spec.with_image(service.spec, spec.image(service.spec).parse("gone:1")), None)
    stage.swarm.clock.sleep(60)
    assert "update-paused" in codes(stage.plan())


def test_a_secret_that_an_old_revision_names_is_missed_when_it_is_brought_back(stage):
    stage.serve(TaskTemplate={"ContainerSpec": {"Secrets": [{"SecretID": "s1", "SecretName": "db"}]}})
    assert "secret-missing" not in codes(stage.plan())
    stage.deploy()
    without = spec.raw(stage.now.spec)
    without["TaskTemplate"]["ContainerSpec"]["Secrets"] = []
    stage.swarm.update(stage.now, without, None)
    stage.swarm.clock.sleep(60)
    with pytest.raises(Refused, match="what is not there: secret db"):
        stage.undo()
    stage.swarm.surroundings.secrets.add("s1")
    assert stage.undo().kind == OutcomeKind.DEPLOYED


def test_a_config_that_an_old_revision_names_is_missed_when_it_is_brought_back(stage):
    stage.serve(TaskTemplate={"ContainerSpec": {"Configs": [{"ConfigID": "c1", "ConfigName": "php.ini"}]}})
    stage.deploy()
    without = spec.raw(stage.now.spec)
    without["TaskTemplate"]["ContainerSpec"]["Configs"] = []
    stage.swarm.update(stage.now, without, None)
    stage.swarm.clock.sleep(60)
    with pytest.raises(Refused, match=r"what is not there: config php\.ini"):
        stage.undo()
    stage.swarm.surroundings.configs["c1"] = "memory_limit=64M"
    assert stage.undo().kind == OutcomeKind.DEPLOYED


def test_a_preview_beside_the_old_release_is_refused_only_where_it_cannot_be(stage):
    stage.serve()
    impossible = "preview-impossible"
    assert impossible not in codes(stage.plan(strategy="blue_green"))
    assert impossible in codes(stage.plan(strategy="blue_green", order=Order.STOP_FIRST))
    assert impossible not in codes(stage.plan(order=Order.STOP_FIRST))


def test_images_without_a_digest_are_found_on_the_way_there_and_back(stage):
    stage.serve()
    assert {"unpinned-image", "unpinned-way-back"} & set(codes(stage.plan())) == {"unpinned-way-back"}
    stage.deploy()
    assert not {"unpinned-image", "unpinned-way-back"} & set(codes(stage.plan("app:1")))
    stage.swarm.update(stage.now, spec.with_image(stage.now.spec, Image.parse("app:2")), None)
    stage.swarm.clock.sleep(60)
    restart = deploy.plan(stage.aiming(Restart()), stage.world)
    assert {"unpinned-image", "unpinned-way-back"} <= set(codes(restart))


def of_old_image(stage) -> None:
    """A service as the docker CLI made it: with the platforms of the image that it had then."""
    old = {"Platforms": [{"Architecture": "x86_64", "OS": "linux"}, {"Architecture": "s390x", "OS": "linux"}]}
    stage.serve(TaskTemplate={"Placement": old})


def test_the_platforms_of_a_new_image_take_the_place_of_the_old_ones(stage):
    of_old_image(stage)
    stage.swarm.registry.platforms = ("linux/amd64", "linux/arm/v7")
    plan = stage.plan()
    assert "TaskTemplate.Placement.Platforms" in {change.path for change in plan.changes}
    assert plan.target["TaskTemplate"]["Placement"]["Platforms"] == [
        {"Architecture": "amd64", "OS": "linux"},
        {"OS": "linux"},
    ]
    assert stage.deploy().kind == OutcomeKind.DEPLOYED
    assert stage.plan("app:2").kind == PlanKind.UNCHANGED


def test_platforms_stay_where_the_registry_tells_none_or_the_service_names_none(stage):
    of_old_image(stage)
    assert {change.path for change in stage.plan().changes} == {"TaskTemplate.ContainerSpec.Image"}
    bare = spec.raw(stage.now.spec)
    bare["TaskTemplate"]["Placement"] = {}
    stage.swarm.update(stage.now, bare, None)
    stage.swarm.registry.platforms = ("linux/amd64",)
    assert stage.plan().target["TaskTemplate"]["Placement"] == {}


def test_other_services_are_looked_at_only_where_they_can_be_in_the_way(stage):
    stage.serve()
    stage.swarm.surroundings.occupants = lambda: pytest.fail("nobody asked")
    assert CROWDED not in codes(stage.plan())


def test_a_proxy_with_its_configuration_in_the_swarm_is_read_where_dns_leads_to_the_replicas(stage):
    near = {"Networks": [{"Target": "net-1", "Aliases": ["php"]}]}
    container = {"Configs": [{"ConfigID": "c1", "ConfigName": "nginx.conf"}]}
    stage.swarm.surroundings.configs["c1"] = "location / { fastcgi_pass php:9000; }"
    stage.serve(TaskTemplate=near, EndpointSpec={"Mode": "dnsrr"})
    stage.swarm.images["nginx:1"] = stage.swarm.images["app:1"]
    stage.swarm.create_service("proxy", "nginx:1", 1, TaskTemplate=near | {"ContainerSpec": container})
    assert "dns-cached" in codes(stage.plan())
    stage.swarm.surroundings.configs["c1"] = "resolver 127.0.0.11; set $php php; fastcgi_pass $php:9000;"
    assert "dns-cached" not in codes(stage.plan())


def test_where_one_address_stands_before_the_replicas_no_configuration_is_read(stage):
    near = {"Networks": [{"Target": "net-1"}]}
    container = {"Configs": [{"ConfigID": "c1", "ConfigName": "nginx.conf"}]}
    stage.serve(TaskTemplate=near)
    stage.swarm.images["nginx:1"] = stage.swarm.images["app:1"]
    stage.swarm.create_service("proxy", "nginx:1", 1, TaskTemplate=near | {"ContainerSpec": container})
    stage.swarm.surroundings.config_text = lambda _: pytest.fail("nobody asked")
    assert "dns-cached" not in codes(stage.plan())


def changed(plan) -> set[str]:
    return {change.path.rpartition(".")[2] for change in plan.changes}


def test_what_the_image_lacks_comes_with_a_release_and_the_plan_shows_it(stage):
    stage.serve()
    assert changed(stage.plan(overrides=SIGNAL)) == {"Image", "StopSignal", "StopGracePeriod"}
    stage.deploy(overrides=SIGNAL)
    container = spec.container(stage.now.spec)
    assert (container["StopSignal"], container["StopGracePeriod"]) == ("SIGQUIT", 40 * SECOND)


def test_a_new_override_alone_is_a_release_and_the_same_again_is_none(stage):
    stage.serve()
    stage.deploy("app:1")
    assert stage.plan("app:1", overrides=SIGNAL).kind == PlanKind.RELEASE
    stage.deploy("app:1", overrides=SIGNAL)
    assert stage.plan("app:1", overrides=SIGNAL).kind == PlanKind.UNCHANGED


def test_a_health_check_that_the_image_lacks_answers_the_check(stage):
    stage.swarm.images["app:1"] = stage.swarm.images["app:1"].__class__(healthcheck=False)
    stage.serve()
    assert "no-healthcheck" in codes(stage.plan("app:1", force=True))
    check = Overrides(Healthcheck(("CMD", "ping"), interval=1.0))
    assert "no-healthcheck" not in codes(stage.plan("app:1", force=True, overrides=check))


def test_undo_brings_a_spec_back_whole_whatever_is_lacking(stage):
    stage.serve()
    stage.deploy()
    stage.undo(overrides=SIGNAL)
    assert "StopSignal" not in spec.container(stage.now.spec)


@pytest.fixture
def typed(stage, monkeypatch, tmp_path):
    """The command line over the simulated Swarm."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rollout.cli.wiring.open_world", lambda _host, _sink: stage.world)
    monkeypatch.setattr("rollout.cli.screen.screen", lambda **_: nullcontext())
    return lambda *words: run(list(words))


def test_the_exit_code_of_a_check_says_whether_a_deployment_would_be_refused(stage, typed, capsys):
    stage.serve()
    service = ("site", "--tag", "2")
    assert typed("check", *service) == ExitCode.OK
    assert "no-probe" in capsys.readouterr().out
    assert typed("check", *service, "--strict") == ExitCode.REFUSED
    assert typed("check", *service, "--strict", "--ignore-checks", "all") == ExitCode.OK
    assert typed("check", *service, "--ignore-checks", "no-such") == ExitCode.USAGE


def test_a_plan_that_would_be_refused_exits_so(crowded, typed):
    service = ("site", "--tag", "2")
    assert typed("check", *service) == typed("plan", *service) == ExitCode.REFUSED
    assert typed("plan", *service, "--ignore-checks", CROWDED) == ExitCode.OK
    assert typed("plan", *service, "--order", "stop-first") == ExitCode.OK


def test_where_nothing_is_to_be_replaced_a_check_speaks_of_the_next_release(crowded, typed, capsys):
    crowded.deploy("app:1", order=Order.STOP_FIRST)
    assert crowded.plan("app:1").kind == PlanKind.UNCHANGED
    assert typed("deploy", "site", "--dry-run") == ExitCode.OK
    assert typed("check", "site") == ExitCode.REFUSED
    assert "site would be refused: 1 error" in capsys.readouterr().out
    assert typed("check", "site", "-o", "json") == ExitCode.REFUSED
    assert json.loads(capsys.readouterr().out)["refused"] is True


def test_a_check_says_the_same_as_a_deployment_that_goes_on(stage, typed, capsys):
    half_way(stage)
    assert typed("check", "site") == ExitCode.OK
    assert "site is half-way and may go on: 1 error" in capsys.readouterr().out


def test_a_check_touches_nothing(stage, typed):
    before = stage.serve()
    typed("check", "site", "--tag", "2")
    assert stage.now == before
    assert stage.swarm.store.find({}) == ()
