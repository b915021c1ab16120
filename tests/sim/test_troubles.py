"""Troubles that come at the worst moment: on the way back, in the last step, or all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rollout.events import BakeStarted, ReleaseFailed, RollbackStarted, Waiting
from rollout.model import (
    CauseKind,
    HttpProbe,
    Operator,
    OutcomeKind,
    ProbeResult,
    PrometheusGate,
    Queried,
)
from rollout.sim import Behaviour

QUICK = PrometheusGate("http://prometheus", "errors", Operator.LESS, 1.0, successes=1, failures=1, every=0.5)
REFUSED = ProbeResult(False, error="connection refused", reached=False)


def when(stage, kind: type, act: Callable[[], None]) -> None:
    """Let something happen at an event of the deployment."""
    emit = stage.log.emit

    def noting(event: object) -> None:
        emit(event)
        if isinstance(event, kind):
            act()

    stage.log.emit = noting


def bad_from_the_bake_on(stage) -> dict:
    """Options with a gate that passes until every replica runs the target."""
    stage.swarm.instruments.queries["errors"] = Queried((0.0,))
    when(stage, BakeStarted, lambda: stage.swarm.instruments.queries.update(errors=Queried((5.0,))))
    return {"gates": (QUICK,), "bake": 5.0, "probes": (), "impact_rate": 0.0}


def later(stage, seconds: float, act: Callable[[], None]) -> Callable[[], None]:
    return lambda: stage.swarm.clock.call_later(seconds, act)


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.6])
def test_a_worker_that_dies_during_a_rollback_does_not_stop_it_half_way(stage, seconds: float):
    stage.serve()
    options = bad_from_the_bake_on(stage)
    when(stage, RollbackStarted, later(stage, seconds, lambda: stage.swarm.machines.lose("node-3")))
    assert stage.deploy(**options).kind == OutcomeKind.ROLLED_BACK
    assert stage.images_running() == {"app:1"}


def test_a_replica_of_the_baseline_that_crashes_on_its_way_back_is_started_again(stage):
    stage.serve()
    options = bad_from_the_bake_on(stage)
    when(stage, RollbackStarted, later(stage, 0.9, lambda: _crash_one(stage, "1")))
    assert stage.deploy(**options).kind == OutcomeKind.ROLLED_BACK
    assert stage.images_running() == {"app:1"}


def _crash_one(stage, tag: str) -> None:
    tasks = [task for task in stage.swarm.tasks(stage.now.id) if task.image.tag == tag and task.wanted]
    stage.swarm.crash(tasks[0].id)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 5.0])
def test_in_global_mode_a_good_release_survives_the_loss_of_a_node_in_its_last_step(stage, seconds: float):
    stage.serve(replicas=None)
    lose = later(stage, seconds, lambda: stage.swarm.machines.lose("node-3"))
    stage.swarm.faults.services.after(3, lose)
    assert stage.deploy(start_timeout=60.0, bake=20.0).kind == OutcomeKind.DEPLOYED


def test_in_global_mode_a_rollback_succeeds_on_the_nodes_that_are_left(stage):
    stage.serve(replicas=None)
    options = bad_from_the_bake_on(stage)
    when(stage, RollbackStarted, later(stage, 0.5, lambda: stage.swarm.machines.lose("node-3")))
    assert stage.deploy(**options).kind == OutcomeKind.ROLLED_BACK


def test_a_new_leader_that_has_not_heard_from_the_nodes_yet_excuses_no_bad_release(stage):
    stage.swarm.images["app:2"] = Behaviour(crash_after=8.0, healthcheck=False)
    stage.serve()
    stage.swarm.faults.services.after(1, later(stage, 1.0, lambda: _unknown_for(stage, 3.0)))
    outcome = stage.deploy(min_ready=5.0, probes=())
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.ROLLED_BACK, CauseKind.CRASHED)


def _unknown_for(stage, seconds: float) -> None:
    """No node is ready, but none is known to be gone (moby/swarmkit manager/dispatcher/dispatcher.go)."""
    nodes, until = stage.swarm.nodes, stage.swarm.clock.now() + seconds

    def unknown():
        known = nodes()
        if stage.swarm.clock.now() >= until:
            return known
        return tuple(replace(node, ready=False) for node in known)

    stage.swarm.nodes = unknown


def test_a_node_that_was_away_long_ago_excuses_no_crash_of_today(stage):
    stage.swarm.images["app:2"] = Behaviour(crash_after=150.0)
    stage.serve()
    stage.swarm.faults.services.after(1, later(stage, 1.0, lambda: stage.swarm.machines.lose("node-3")))
    stage.swarm.faults.services.after(
        1, later(stage, 40.0, lambda: stage.swarm.machines.find_again("node-3"))
    )
    outcome = stage.deploy(probes=(), bake=300.0)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.ROLLED_BACK, CauseKind.CRASHED)


def test_a_node_that_stays_silent_excuses_wrong_answers_no_longer_than_progress_may_take(stage):
    stage.swarm.images["app:2"] = Behaviour(status=502)
    stage.serve()
    silent = next(node.id for node in stage.swarm.nodes() if node.hostname == "node-3")
    stage.swarm.node_answers = lambda task: task.node_id != silent
    outcome = stage.deploy(progress_timeout=130.0, start_timeout=60.0, impact_rate=0.0)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.HELD, CauseKind.NODE_LOST)
    assert outcome.seconds < 200.0
    assert len(stage.log.of(Waiting)) == 1


def test_room_that_comes_late_gives_the_replica_its_full_time_to_start(stage):
    stage.swarm.images["app:2"] = Behaviour(start_seconds=20.0)
    reserved = {"TaskTemplate": {"Resources": {"Reservations": {"MemoryBytes": 1 << 30}}}}
    _resize(stage, 1)
    stage.serve(3, **reserved)
    stage.swarm.faults.services.after(1, later(stage, 90.0, lambda: _resize(stage, 2)))
    wished = {"start_timeout": 60.0, "progress_timeout": 100.0, "ignore_checks": ("start-first-unplaceable",)}
    assert stage.deploy(**wished).kind == OutcomeKind.DEPLOYED


def _resize(stage, gibibytes: int) -> None:
    for node in stage.swarm.nodes():
        stage.swarm.machines.resize(node.hostname, 8_000_000_000, gibibytes << 30)


def test_a_rollback_after_which_nobody_answers_is_not_called_a_success(stage):
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.serve()
    when(stage, RollbackStarted, lambda: _nobody_home(stage))
    outcome = stage.deploy(impact_rate=0.0)
    assert outcome.kind == OutcomeKind.FAILED
    assert "connection refused" in outcome.cause.sentence


def _nobody_home(stage) -> None:
    stage.swarm.prober.ask = lambda _probe: REFUSED
    stage.swarm.prober.ask_together = lambda _probe, requests: (REFUSED,) * requests


def test_an_engine_that_is_away_while_the_lock_is_renewed_is_waited_for(stage):
    """Reads are patient, as the adapter's are; the renewal of the lock is a write."""
    stage.swarm.images["app:2"] = Behaviour(status=500)
    stage.serve()
    _make_reads_patient(stage)
    when(stage, ReleaseFailed, lambda: stage.swarm.faults.go_away(3.0))
    assert stage.deploy().kind == OutcomeKind.ROLLED_BACK
    assert stage.images_running() == {"app:1"}


def _make_reads_patient(stage) -> None:
    names = ("services", "service", "tasks", "nodes", "logs", "now", "image_config")
    for owner, name in [*((stage.swarm, name) for name in names), (stage.swarm.store, "find")]:
        setattr(owner, name, _patient(stage, getattr(owner, name)))


def _patient(stage, read):
    def again(*arguments):
        for _ in range(40):
            try:
                stage.swarm.faults.check()
                break
            except Exception:
                stage.swarm.clock.sleep(0.5)
        return read(*arguments)

    return again


@pytest.mark.parametrize("rate", [0.5, 1.9, 7.3, 49.0])
def test_a_gate_with_a_rate_of_its_own_asks_at_that_rate(stage, rate: float):
    stage.serve()
    asked = []
    answer = stage.swarm.prober.ask_together
    stage.swarm.prober.ask_together = lambda probe, count: (asked.append(count), answer(probe, count))[1]
    probe = HttpProbe("http://site/", rate=rate)
    outcome = stage.deploy(probes=(probe,), impact_rate=0.0, gate_timeout=60.0)
    assert outcome.kind == OutcomeKind.DEPLOYED
    steady = sum(asked) / outcome.seconds
    assert min(rate, 5.0) * 0.5 <= steady <= rate * 1.1


def test_a_page_that_could_not_be_searched_in_time_says_nothing(stage):
    stage.serve()
    untold = ProbeResult(False, status=200, error="searching takes too long", told=False)
    stage.swarm.faults.services.after(
        1, lambda: setattr(stage.swarm.prober, "ask_together", lambda *_: (untold,))
    )
    outcome = stage.deploy(gate_timeout=20.0)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.HELD, CauseKind.INCONCLUSIVE)
