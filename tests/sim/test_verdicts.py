"""What condemns a release, what only makes a deployment wait, and what nobody can tell."""

from __future__ import annotations

import pytest

from rollout.errors import ExitCode, Refused, exit_code_of
from rollout.events import Waiting
from rollout.model import (
    CauseKind,
    ExecGate,
    ManualGate,
    OnStuck,
    Operator,
    OutcomeKind,
    PrometheusGate,
    Queried,
    Ran,
    StableGate,
    TcpGate,
)
from rollout.sim import Behaviour
from rollout.state.promotion import Promotions

QUERY = PrometheusGate("http://prometheus", "errors", Operator.LESS, 1.0)


def after_the_first_release(stage, act, seconds: float = 0.0) -> None:
    stage.swarm.faults.services.after(1, lambda: stage.swarm.clock.call_later(seconds, act))


KNOWN = {"ignore_checks": ("start-first-unplaceable",)}
"""The lack of room that is there before a deployment is accepted, to see what comes of it."""


def room_for(stage, tasks: int) -> dict:
    """A service that reserves memory, on nodes that have room for so many of its tasks each."""
    for node in stage.swarm.nodes():
        stage.swarm.machines.resize(node.hostname, 8_000_000_000, tasks << 30)
    return {"TaskTemplate": {"Resources": {"Reservations": {"MemoryBytes": 1 << 30}}}}


@pytest.mark.parametrize("seconds", [0.5, 3.0, 8.0])
def test_a_good_release_survives_a_worker_that_dies(stage, seconds: float):
    stage.serve()
    after_the_first_release(stage, lambda: stage.swarm.machines.lose("node-3"), seconds)
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:2"}


def test_a_task_that_died_with_its_node_is_not_held_against_the_release_when_the_node_returns(stage):
    stage.serve()
    after_the_first_release(stage, lambda: stage.swarm.machines.lose("node-3"), 1.0)
    after_the_first_release(stage, lambda: stage.swarm.machines.find_again("node-3"), 40.0)
    assert stage.deploy(min_ready=15.0).kind == OutcomeKind.DEPLOYED


def test_a_registry_that_is_away_for_a_while_delays_a_good_release_only(stage):
    stage.serve()
    after_the_first_release(stage, lambda: stage.swarm.registry.go_away(20))
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert outcome.seconds > 20


def test_an_image_that_vanished_from_the_registry_is_rolled_back(stage):
    stage.serve()
    after_the_first_release(stage, lambda: stage.swarm.images.forget("app:2"))
    outcome = stage.deploy(prepull=False)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.ROLLED_BACK, CauseKind.IMAGE)
    assert stage.images_running() == {"app:1"}


def test_an_image_that_vanished_after_every_node_had_pulled_it_is_deployed_all_the_same(stage):
    stage.serve()
    after_the_first_release(stage, lambda: stage.swarm.images.forget("app:2"))
    assert stage.deploy().kind == OutcomeKind.DEPLOYED


def test_without_room_for_a_new_task_it_waits_says_so_and_holds(stage):
    stage.serve(3, **room_for(stage, 1))
    outcome = stage.deploy(**KNOWN, start_timeout=10.0, progress_timeout=60.0)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.HELD, ExitCode.HELD)
    assert outcome.cause.kind == CauseKind.CAPACITY
    assert "no suitable node" in outcome.cause.error
    assert [event.cause.kind for event in stage.log.of(Waiting)] == [CauseKind.CAPACITY]
    assert stage.images_running() == {"app:1"}


def test_the_engine_is_not_pestered_while_there_is_no_room(stage):
    stage.serve(3, **room_for(stage, 1))
    read, logs = [], stage.swarm.logs
    stage.swarm.logs = lambda task, lines: (read.append(task), logs(task, lines))[1]
    stage.deploy(**KNOWN, start_timeout=10.0, progress_timeout=60.0)
    assert len(read) == 1


def test_where_it_was_wished_it_puts_everything_back_instead(stage):
    stage.serve(3, **room_for(stage, 1))
    outcome = stage.deploy(**KNOWN, start_timeout=10.0, progress_timeout=60.0, on_stuck=OnStuck.ROLLBACK)
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert outcome.rollback_seconds is not None


def test_when_there_is_room_again_it_goes_on(stage):
    stage.serve(3, **room_for(stage, 1))
    after_the_first_release(stage, lambda: room_for(stage, 2), 30.0)
    assert stage.deploy(**KNOWN, start_timeout=10.0).kind == OutcomeKind.DEPLOYED


def test_a_port_that_closes_condemns_the_release(stage):
    stage.serve()
    stage.swarm.instruments.ports.add("redis:6379")
    after_the_first_release(stage, stage.swarm.instruments.ports.clear, 9.0)
    outcome = stage.deploy(gates=(TcpGate("redis:6379", successes=3, failures=2),), min_ready=4.0)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.ROLLED_BACK, CauseKind.GATE)
    assert "connection refused" in outcome.cause.sentence


def test_a_port_that_never_was_open_holds_the_deployment_and_takes_nothing_back(stage):
    """Whatever is to be done when it is stuck: that a gate finds nothing out says nothing."""
    stage.serve()
    outcome = stage.deploy(gates=(TcpGate("redis:6379"),), gate_timeout=20.0, on_stuck=OnStuck.ROLLBACK)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.HELD, CauseKind.INCONCLUSIVE)
    assert "tcp redis:6379" in outcome.cause.sentence


def test_a_command_decides_and_knows_what_is_being_deployed(stage):
    stage.serve()
    stage.swarm.instruments.commands["check"] = lambda env: Ran(int("app:2" not in env["ROLLOUT_IMAGE"]))
    assert stage.deploy(gates=(ExecGate(("check",)),)).kind == OutcomeKind.DEPLOYED


def test_a_command_that_fails_condemns_the_release_with_its_words(stage):
    stage.serve()
    stage.swarm.instruments.commands["check"] = Ran(3, ("checkout: total is wrong",))
    outcome = stage.deploy(gates=(ExecGate(("check",)),))
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.ROLLED_BACK, CauseKind.GATE)
    assert "exit code 3: checkout: total is wrong" in outcome.cause.sentence


def test_a_command_that_is_not_there_is_nobodys_fault(stage):
    stage.serve()
    outcome = stage.deploy(gates=(ExecGate(("chekc",)),), gate_timeout=10.0)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.HELD, ExitCode.HELD)


def test_a_query_above_its_threshold_condemns_the_release(stage):
    stage.serve()
    stage.swarm.instruments.queries["errors"] = Queried((7.5,))
    outcome = stage.deploy(gates=(QUERY,))
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.ROLLED_BACK, CauseKind.GATE)
    assert "7.5 is not < 1" in outcome.cause.sentence


def test_a_metrics_server_that_is_away_holds_the_deployment(stage):
    stage.serve()
    stage.swarm.instruments.queries["errors"] = Queried(error="connection refused")
    assert stage.deploy(gates=(QUERY,), gate_timeout=15.0).kind == OutcomeKind.HELD


def test_all_gates_have_to_pass_and_one_failure_is_enough(stage):
    stage.serve()
    stage.swarm.instruments.ports.add("redis:6379")
    stage.swarm.instruments.queries["errors"] = Queried((0.0,))
    assert stage.deploy(gates=(TcpGate("redis:6379"), QUERY)).kind == OutcomeKind.DEPLOYED
    stage.swarm.images["app:3"] = Behaviour()
    stage.swarm.instruments.queries["errors"] = Queried((2.0,))
    assert stage.deploy("app:3", gates=(TcpGate("redis:6379"), QUERY)).kind == OutcomeKind.ROLLED_BACK


def test_a_step_is_stable_only_after_the_time_without_a_restart(stage):
    stage.serve()
    outcome = stage.deploy(gates=(StableGate(20.0),))
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert outcome.seconds > 4 * 20.0


def test_a_manual_gate_stands_still_after_the_first_step_until_somebody_promotes(stage):
    service = stage.serve()
    after_the_first_release(stage, lambda: Promotions(stage.swarm.store, service.id).give("ann"), 300.0)
    outcome = stage.deploy(gates=(ManualGate(),))
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert 300.0 < outcome.seconds < 400.0
    assert stage.swarm.store.find({"rollout.kind": "promotion"}) == ()


def test_a_manual_gate_that_nobody_opens_ends_held_at_the_deadline(stage):
    stage.serve()
    outcome = stage.deploy(gates=(ManualGate(),), deadline=200.0)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.HELD, CauseKind.DEADLINE)


def test_a_probe_whose_name_does_not_resolve_refuses_before_anything_is_touched(stage):
    stage.serve()
    version = stage.now.version
    stage.swarm.prober.lost_names.add("site")
    with pytest.raises(Refused, match="does not resolve"):
        stage.deploy()
    assert stage.now.version == version


def test_a_name_that_stops_to_resolve_holds_a_good_release_and_takes_nothing_back(stage):
    stage.serve()
    after_the_first_release(stage, lambda: stage.swarm.prober.lost_names.add("site"))
    outcome = stage.deploy(gate_timeout=30.0)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.HELD, CauseKind.INCONCLUSIVE)
    assert "does not resolve" in outcome.cause.sentence


def test_a_name_that_resolves_again_in_time_lets_it_go_on(stage):
    stage.serve()
    after_the_first_release(stage, lambda: stage.swarm.prober.lost_names.add("site"))
    after_the_first_release(stage, lambda: stage.swarm.prober.lost_names.discard("site"), 20.0)
    assert stage.deploy(gate_timeout=30.0).kind == OutcomeKind.DEPLOYED


def test_the_outcome_says_what_users_met_before_during_and_after(stage):
    stage.serve()
    impact = stage.deploy(bake=10.0).impact
    assert impact.asked > 50
    assert impact.failed == 0
    assert impact.during
    assert impact.after
    assert impact.during.p50 == pytest.approx(Behaviour().latency)


def test_a_bad_release_shows_when_requests_failed(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.serve()
    outcome = stage.deploy(impact_rate=50.0)
    assert outcome.impact.failed > 0
    assert outcome.impact.first_failed <= outcome.impact.last_failed <= outcome.seconds
    assert outcome.rollback_seconds < 15.0


def test_nobody_is_asked_in_the_background_where_the_rate_is_zero(stage):
    stage.serve()
    assert stage.deploy(impact_rate=0.0).impact is None
