"""`rollout rehearse`: the real plan on a simulated Swarm, and the fault that was wished for."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from rollout import plugins
from rollout.cli.run import run
from rollout.errors import ExitCode, Refused, UsageError
from rollout.events import RehearsalStarted, ReleaseFailed, StepPassed, StepStarted
from rollout.model import (
    Batch,
    CauseKind,
    ExecGate,
    HttpProbe,
    ManualGate,
    OneShot,
    Operator,
    Order,
    OutcomeKind,
    PrometheusGate,
    TcpGate,
)
from rollout.preparing import prepare
from rollout.rehearsal import Pace, Rehearsed, parse, rehearse, write
from rollout.rehearsal.faults import MISHAPS
from rollout.render.scene import Scene
from rollout.render.story import tell
from rollout.render.text import text_of
from rollout.sim import Behaviour, Killed, SimClock, kill

LOGIN = HttpProbe("https://www.example.org/login", expect_status=302, expect_body="Welcome")


def rehearsed(stage, *faults: str, **options: object) -> Rehearsed:
    """The plan of the stage's service, rehearsed; its events are in the stage's log."""
    script = write(prepare(stage.request(**options), stage.world), stage.swarm)
    return rehearse(script, [parse(fault) for fault in faults], lambda _swarm: stage.log)


def test_a_good_release_is_deployed_in_the_steps_of_the_plan_and_costs_no_request(stage):
    stage.serve()
    ended = rehearsed(stage, batch=Batch(2))
    assert (ended.outcome.kind, ended.failed) == (OutcomeKind.DEPLOYED, 0)
    assert ended.requests > 100
    assert [event.upto for event in stage.log.of(StepStarted)] == [2, 4]


def test_nothing_of_it_touches_the_real_service(stage):
    stage.serve()
    before, writes, now = stage.now, stage.swarm.faults.all.count, stage.swarm.clock.now()
    rehearsed(stage, "crash")
    assert (stage.now, stage.swarm.faults.all.count, stage.swarm.clock.now()) == (before, writes, now)
    assert stage.images_running() == {"app:1"}


@pytest.mark.parametrize(
    ("fault", "kind", "cause"),
    [
        ("crash", OutcomeKind.ROLLED_BACK, CauseKind.CRASHED),
        ("crash=1s@3", OutcomeKind.ROLLED_BACK, CauseKind.CRASHED),
        ("cannot-start", OutcomeKind.ROLLED_BACK, CauseKind.CRASHED),
        ("unhealthy", OutcomeKind.ROLLED_BACK, CauseKind.UNHEALTHY),
        ("unhealthy@2", OutcomeKind.ROLLED_BACK, CauseKind.UNHEALTHY),
        ("hang", OutcomeKind.ROLLED_BACK, CauseKind.NOT_STARTED),
        ("error500", OutcomeKind.ROLLED_BACK, CauseKind.PROBE),
        ("slow-pages=9s", OutcomeKind.ROLLED_BACK, CauseKind.PROBE),
        ("slow-start=10m", OutcomeKind.ROLLED_BACK, CauseKind.NOT_STARTED),
        ("slow-start", OutcomeKind.DEPLOYED, None),
        ("no-room", OutcomeKind.HELD, CauseKind.CAPACITY),
        ("no-room=30s", OutcomeKind.DEPLOYED, None),
        ("node-loss", OutcomeKind.DEPLOYED, None),
        ("node-loss=40s@2", OutcomeKind.DEPLOYED, None),
        ("registry-loss", OutcomeKind.REFUSED, CauseKind.PULL),
        ("registry-loss@2", OutcomeKind.DEPLOYED, None),
        ("election@2", OutcomeKind.DEPLOYED, None),
    ],
)
def test_each_fault_ends_as_a_deployment_would(stage, fault: str, kind: OutcomeKind, cause: CauseKind | None):
    stage.serve()
    outcome = rehearsed(stage, fault).outcome
    assert (outcome.kind, outcome.cause and outcome.cause.kind) == (kind, cause)


@pytest.mark.parametrize("crash", ["crash@4", "crash=6s@4"])
def test_a_release_that_crashes_on_a_node_that_has_come_back_is_to_blame_all_the_same(stage, crash: str):
    stage.serve()
    outcome = rehearsed(stage, crash, "node-loss=30s", min_ready=5.0, bake=10.0).outcome
    assert (outcome.kind, outcome.cause and outcome.cause.kind) == (
        OutcomeKind.ROLLED_BACK,
        CauseKind.CRASHED,
    )


def test_a_fault_of_one_replica_spares_those_before_it(stage):
    stage.serve()
    ended = rehearsed(stage, "error500@3")
    assert [event.done for event in stage.log.of(StepPassed)] == [1, 2]
    assert len(stage.log.of(ReleaseFailed)) == 1
    assert 0 < ended.failed < ended.requests / 10


def test_what_no_gate_looks_at_reaches_all_users(stage):
    """The lesson of a rehearsal without probes: deployed, and every page is wrong."""
    stage.serve()
    ended = rehearsed(stage, "error500", probes=())
    assert ended.outcome.kind == OutcomeKind.DEPLOYED
    assert ended.failed > ended.requests / 4


def test_faults_that_fail_the_commands_are_caught_before_any_user_meets_the_release(stage):
    stage.serve(TaskTemplate={"Networks": [{"Target": "site"}]})
    options = {"smoke": OneShot(("./smoke",)), "before": (OneShot(("./migrate",), "tools:3"),)}
    assert rehearsed(stage, **options).outcome.kind == OutcomeKind.DEPLOYED
    ended = rehearsed(stage, "commands", **options)
    assert (ended.outcome.kind, ended.failed) == (OutcomeKind.REFUSED, 0)


def test_every_kind_of_gate_passes_unless_it_is_to_fail(stage):
    stage.serve()
    gates = (
        TcpGate("redis:6379"),
        ExecGate(("./check.sh",)),
        PrometheusGate("http://prometheus", "errors", Operator.LESS, 0.5),
        ManualGate(every_step=True),
    )
    assert rehearsed(stage, gates=gates, probes=(LOGIN,)).outcome.kind == OutcomeKind.DEPLOYED


@pytest.mark.parametrize(
    "service",
    [
        {"TaskTemplate": {"Placement": {"Constraints": ["node.labels.edge == yes"]}}},
        {"EndpointSpec": {"Ports": [{"PublishMode": "host", "PublishedPort": 80, "TargetPort": 80}]}},
        {"TaskTemplate": {"Placement": {"MaxReplicas": 2}}},
        {"TaskTemplate": {"Resources": {"Reservations": {"MemoryBytes": 7 * 2**30}}}},
        {"TaskTemplate": {"ContainerSpec": {"Healthcheck": {"Test": ["NONE"]}}}},
    ],
)
def test_a_service_is_rehearsed_where_it_stands(stage, service):
    for node in stage.swarm.nodes():
        stage.swarm.machines.label(node.hostname, {"edge": "yes"})
    stage.serve(3, **service)
    assert rehearsed(stage).outcome.kind == OutcomeKind.DEPLOYED


def test_a_slow_start_without_a_health_check_is_met_by_users(stage):
    stage.serve(TaskTemplate={"ContainerSpec": {"Healthcheck": {"Test": ["NONE"]}}})
    ended = rehearsed(stage, "slow-start", probes=())
    assert ended.outcome.kind == OutcomeKind.DEPLOYED
    assert ended.failed > 0


def test_a_service_in_global_mode_is_rehearsed_too(stage):
    stage.serve(None)
    outcome = rehearsed(stage).outcome
    assert (outcome.kind, outcome.replaced) == (OutcomeKind.DEPLOYED, 3)


def test_a_forced_release_of_the_same_image_can_go_wrong_too(stage):
    stage.serve()
    stage.deploy()
    assert rehearsed(stage, "crash=1s", force=True).outcome.kind == OutcomeKind.ROLLED_BACK
    assert rehearsed(stage).outcome.kind == OutcomeKind.UNCHANGED


def test_an_interrupted_deployment_is_rehearsed_from_where_it_stopped(stage):
    stage.serve()
    stage.swarm.faults.services.after(2, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(60)
    stage.log.events.clear()
    outcome = rehearsed(stage).outcome
    assert (outcome.kind, outcome.replaced) == (OutcomeKind.DEPLOYED, 2)
    assert [event.upto for event in stage.log.of(StepStarted)] == [2, 3, 4]
    stage.log.events.clear()
    assert rehearsed(stage, "crash@1").outcome.kind == OutcomeKind.ROLLED_BACK


def test_a_service_that_has_no_place_for_its_replicas_cannot_be_rehearsed(stage):
    stage.serve(6, TaskTemplate={"Placement": {"MaxReplicas": 2}})
    stage.swarm.machines.drain("node-3")
    stage.swarm.clock.sleep(30)
    with pytest.raises(Refused, match="does not come to rest on the simulated Swarm"):
        rehearsed(stage, order=Order.STOP_FIRST)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("krash", "there is no fault 'krash'"),
        ("crash@0", "there is no fault"),
        ("crash=soon", "the time of the fault crash is not a duration"),
        ("slow-start=-5s", "is less than nothing"),
        ("error500=3s", "the fault error500 has no time"),
        ("crash@5", "would befall nobody: the plan has 4 new replicas"),
        ("node-loss@3", "would befall nobody: the plan has 2 steps"),
    ],
)
def test_a_fault_that_makes_no_sense_is_a_mistake(stage, fault: str, told: str):
    stage.serve()
    with pytest.raises(UsageError, match=told):
        rehearsed(stage, fault, batch=Batch(2))


def test_a_paced_rehearsal_takes_its_time_and_gets_faster(stage):
    """A virtual clock stands in for the real one: ten times as fast, and twice that after ten seconds."""
    stage.serve()
    script, real = write(prepare(stage.request(bake=200.0), stage.world), stage.swarm), SimClock()
    outcome = rehearse(script, [], lambda _swarm: stage.log, Pace(10.0, real)).outcome
    assert 10.0 + (outcome.seconds - 100.0) / 20.0 == pytest.approx(real.now(), rel=0.1)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path):
    """An empty folder, and no engine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")


def test_a_newcomers_first_look_needs_no_engine_and_little_time(nowhere, capsys):
    began = time.monotonic()
    assert run(["rehearse", "--example"]) == ExitCode.OK
    assert time.monotonic() - began < 10  # 1 s on an idle machine
    said = capsys.readouterr()
    assert "rehearsal: nothing has been touched" in said.out
    assert "deployed: site_php runs patch-php-fpm:2.7.0@" in said.out
    assert "`rollout deploy` would have exited with 0" in said.out
    assert "step 4 of 4 passed: 4 of 4 replicas on the target" in said.err


def test_it_exits_with_0_whatever_the_outcome_and_says_what_a_deployment_would(nowhere, capsys):
    assert run(["rehearse", "--example", "--batch", "2", "--fault", "crash@3"]) == ExitCode.OK
    said = capsys.readouterr().out
    assert "fault       new replica 3 crashes 2s after it has started" in said
    assert "`rollout deploy` would have exited with 3" in said


def test_with_json_the_last_two_lines_are_the_outcome_and_the_rehearsal(nowhere, capsys):
    run(["rehearse", "--example", "--fault", "error500", "--no-smoke", "-o", "json"])
    outcome, last = map(json.loads, capsys.readouterr().out.splitlines()[-2:])
    assert (outcome["event"], outcome["kind"]) == ("outcome", "rolled_back")
    assert (last["event"], last["exit_code"], len(last["faults"])) == ("rehearsed", 3, 1)
    assert 0 < last["failed"] < last["requests"]


def test_a_real_service_is_rehearsed_by_its_name(stage, monkeypatch, nowhere, capsys):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour()
    monkeypatch.setattr("rollout.cli.wiring.open_world", lambda _host, sink: replace(stage.world, sink=sink))
    assert run(["rehearse", "site", "--image", "app:2", "--fault", "unhealthy"]) == ExitCode.OK
    assert "rolled back: site runs app:1 again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--strategy", "blue_green", "--order", "stop-first"], "preview-impossible"),
        (["--tag", "3.0"], "the registry has no image"),
        (["--tag", "9.9"], "it has 2.6.1, 2.7.0"),
    ],
)
def test_that_a_deployment_is_refused_can_be_rehearsed_too(nowhere, capsys, arguments, reason):
    assert run(["rehearse", "--example", *arguments]) == ExitCode.OK
    said = capsys.readouterr().out
    assert reason in said
    assert "`rollout deploy` would have exited with 5" in said
    assert "requests failed" not in said


def test_with_json_a_refusal_is_an_error_and_then_the_rehearsal(nowhere, capsys):
    assert run(["rehearse", "--example", "--tag", "3.0", "-o", "json"]) == ExitCode.OK
    first, error, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["event"] == "rehearsal_started"
    assert (error["event"], error["kind"]) == ("error", "ImageNotFound")
    assert (last["event"], last["exit_code"], last["requests"]) == ("rehearsed", 5, 0)


def test_the_example_has_nothing_that_the_checks_would_find(nowhere, capsys):
    assert run(["rehearse", "--example", "--strict"]) == ExitCode.OK
    said = capsys.readouterr()
    assert "`rollout deploy` would have exited with 0" in said.out
    assert "warning:" not in said.err
    assert "note:" not in said.err


def test_where_nothing_is_to_be_done_nothing_is_said_of_users(nowhere, capsys):
    assert run(["rehearse", "--example", "--tag", "2.6.1"]) == ExitCode.OK
    said = capsys.readouterr().out
    assert "unchanged" in said
    assert "0 of 0" not in said


def test_a_smoke_test_finds_out_that_every_page_is_wrong_before_any_user_does(nowhere, capsys):
    assert run(["rehearse", "--example", "--fault", "error500"]) == ExitCode.OK
    said = capsys.readouterr().out
    assert "smoke test" in said
    assert "0 of " in said
    assert "`rollout deploy` would have exited with 5" in said


def test_hooks_go_on_working_where_only_the_pages_are_wrong(stage):
    stage.serve(TaskTemplate={"Networks": [{"Target": "site"}]})
    options = {"before": (OneShot(("php", "migrate")),), "smoke": OneShot(("php", "smoke"))}
    outcome = rehearsed(stage, "error500", **options).outcome
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.REFUSED, CauseKind.SMOKE)


def test_users_who_wait_longer_than_anybody_does_are_lost(stage):
    stage.serve()
    ended = rehearsed(stage, "slow-pages=6s", probes=())
    assert ended.outcome.kind == OutcomeKind.DEPLOYED
    assert ended.failed > ended.requests / 4


@pytest.mark.parametrize("arguments", [[], ["site", "--fault", "krash"]])
def test_what_cannot_be_rehearsed_is_a_mistake(nowhere, arguments: list[str]):
    assert run(["rehearse", *arguments]) == ExitCode.USAGE


def test_every_strategy_that_is_installed_can_be_rehearsed(nowhere, capsys):
    for name in plugins.names():
        assert run(["rehearse", "--example", "--strategy", name]) == ExitCode.OK
        assert "deployed: site_php runs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fault", "options", "words"),
    [
        ("commands", {}, "no hook and no smoke test"),
        ("crash@5", {}, "the plan has 4 new replicas"),
        ("election@3", {"batch": Batch(2)}, "the plan has 2 steps"),
    ],
)
def test_a_fault_that_would_befall_nobody_is_refused(stage, fault: str, options: dict, words: str):
    stage.serve()
    with pytest.raises(UsageError) as refused:
        rehearsed(stage, fault, **options)
    assert words in refused.value.message


@pytest.mark.parametrize("fault", ["crash", "node-loss", "commands"])
def test_where_no_replica_is_replaced_no_fault_befalls_anybody(stage, fault: str):
    stage.serve(0)
    with pytest.raises(UsageError, match="would befall nobody"):
        rehearsed(stage, fault)


def test_the_node_that_is_lost_is_one_that_runs_a_replica(stage):
    stage.swarm.machines.add(9)
    service = stage.serve(2)
    MISHAPS["node-loss"].act(stage.swarm, 0.0)
    stage.swarm.clock.sleep(60.0)
    assert len(stage.swarm.tasks(service.id)) == 3, "one has come up elsewhere"


def test_from_the_first_line_on_it_says_that_nothing_is_real(stage):
    stage.serve()
    rehearsed(stage)
    assert isinstance(stage.log.events[0], RehearsalStarted)
    (said,) = tell(stage.log.events[0], Scene())
    assert text_of(said.spans) == "rehearsal on a simulated Swarm: nothing real is touched"
