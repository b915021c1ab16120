"""The pre-pull: every node has the image before a replica is touched, and what cannot be pulled is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rollout.errors import Refused, exit_code_of
from rollout.events import PullEnded, PullStarted, StepStarted
from rollout.model import CauseKind, Image, OutcomeKind
from rollout.oneshot import names
from rollout.refreshing import refresh
from rollout.sim import Behaviour, Killed
from rollout.state.holder import Holder

COLD = {"pull_seconds": 20.0}


def side_services(stage) -> list[str]:
    return [service.name for service in stage.swarm.services() if names.is_side_service(service.spec)]


def has_it(stage, tag: str = "app:2") -> set[str]:
    """The nodes that have the image."""
    image = stage.swarm.registry.resolve(Image.parse(tag))
    return {node.hostname for node in stage.swarm.nodes() if stage.swarm._puller.kept(node.id, image)}


def refused(stage, **options):
    """A deployment that leaves everything as it was."""
    version = stage.now.version
    outcome = stage.deploy(**options)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.REFUSED, 5)
    assert outcome.cause.kind == CauseKind.PULL
    assert stage.now.version == version
    assert side_services(stage) == []
    assert stage.log.of(StepStarted) == []
    return outcome


def test_every_node_has_the_image_before_the_first_release(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(**COLD)
    there: list[set[str]] = []
    stage.swarm.faults.services.before(1, lambda: there.append(has_it(stage)))
    assert stage.deploy().kind == OutcomeKind.DEPLOYED
    assert there == [{"node-1", "node-2", "node-3"}]
    assert side_services(stage) == []


def test_each_node_is_told_of(stage):
    stage.serve()
    stage.deploy()
    (started,) = stage.log.of(PullStarted)
    ended = stage.log.of(PullEnded)
    assert sorted(started.nodes) == sorted(end.node for end in ended) == ["node-1", "node-2", "node-3"]
    assert {end.error for end in ended} == {""}


def test_stop_first_loses_no_capacity_to_pulling(stage):
    stage.serve(UpdateConfig={"Parallelism": 1, "Order": "stop-first"})
    gaps: dict[bool, float] = {}
    for number, prepull in enumerate((False, True), start=2):
        stage.swarm.images[f"app:{number}"] = Behaviour(**COLD)
        load = stage.swarm.load(stage.now, rate=60)
        begun = stage.swarm.clock.now()
        assert stage.deploy(f"app:{number}", prepull=prepull, order="stop-first").kind == OutcomeKind.DEPLOYED
        gaps[prepull] = stage.swarm.clock.now() - begun
        assert load.failed == 0
    assert gaps[True] < gaps[False] - 30


def test_only_nodes_where_the_service_may_run_pull(stage):
    stage.swarm.machines.drain("node-2")
    stage.serve(TaskTemplate={"Placement": {"Constraints": ["node.hostname!=node-3"]}})
    stage.deploy()
    assert [end.node for end in stage.log.of(PullEnded)] == ["node-1"]


def test_a_node_that_is_lost_meanwhile_is_not_waited_for(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(**COLD)
    stage.swarm.faults.births.after(1, lambda: stage.swarm.machines.lose("node-3"))
    outcome = stage.deploy()
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert {end.node for end in stage.log.of(PullEnded)} == {"node-1", "node-2"}


def test_an_image_that_cannot_be_pulled_refuses_and_names_the_node(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(private=True)
    outcome = refused(stage)
    assert outcome.cause.node in {"node-1", "node-2", "node-3"}
    assert "No such image" in outcome.cause.error
    assert f"{outcome.cause.node} cannot pull app:2@sha256:" in outcome.cause.sentence
    assert "deploy again" in outcome.hint


def test_a_node_that_does_not_come_to_an_end_is_waited_for_no_longer_than_wished(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(pull_seconds=10_000.0)
    outcome = refused(stage, progress_timeout=150.0)
    assert "node-1, node-2, node-3 did not pull app:2@" in outcome.cause.sentence


def test_an_engine_that_goes_away_meanwhile_leaves_everything_as_it_was(stage):
    stage.serve()
    stage.swarm.faults.births.after(1, lambda: stage.swarm.faults.go_away(4.0))
    version = stage.now.version
    outcome = stage.deploy()
    assert outcome.cause.kind == CauseKind.PULL
    stage.swarm.clock.sleep(60)
    assert stage.now.version == version
    assert stage.deploy().kind == OutcomeKind.DEPLOYED
    assert side_services(stage) == []


def test_ctrl_c_ends_it_and_leaves_nothing_behind(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(**COLD)
    signals: list[int] = []
    stage.swarm.faults.births.after(1, lambda: signals.append(2))
    outcome = stage.deploy(interrupted=lambda: next(iter(signals), None))
    assert exit_code_of(outcome) == 130
    assert side_services(stage) == []


def test_what_a_killed_one_left_behind_is_gone_after_the_next_deployment(stage):
    stage.serve()
    stage.swarm.faults.births.after(1, stage.swarm.faults.die)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(120)
    assert [name.startswith("rollout-prepull-site-") for name in side_services(stage)] == [True]
    assert stage.deploy().kind == OutcomeKind.DEPLOYED
    assert side_services(stage) == []


def left_behind(stage) -> None:
    """A pre-pull whose deployment was killed."""
    stage.serve()
    stage.swarm.faults.births.after(1, stage.swarm.faults.die)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(120)
    assert len(side_services(stage)) == 1


def test_a_deployment_that_is_refused_removes_it_too(stage):
    left_behind(stage)
    with pytest.raises(Refused):
        stage.deploy(probes=(), strict=True)
    assert side_services(stage) == []


def test_an_abort_that_finds_nothing_to_do_removes_it(stage):
    left_behind(stage)
    with pytest.raises(Refused, match="unfinished"):
        stage.abort()
    assert side_services(stage) == []


def test_a_renewal_of_credentials_removes_it(stage):
    left_behind(stage)
    stage.swarm.registry.logins["app"] = "fresh"
    refresh(stage.now, stage.world, Holder("ann@desk"))
    assert side_services(stage) == []


def test_one_whose_service_is_gone_is_removed_with_the_next_deployment_of_another(stage):
    left_behind(stage)
    stage.swarm.remove(stage.now.id)
    stage.swarm.create_service("other", "app:1", 2)
    request = replace(stage.request(), service=stage.swarm.service("other"))
    assert stage.carry_out(request).kind == OutcomeKind.DEPLOYED
    assert side_services(stage) == []


def test_one_of_a_service_that_somebody_else_deploys_stays(stage):
    left_behind(stage)
    stage.swarm.create_service("other", "app:1", 2)
    request = replace(stage.request(), service=stage.swarm.service("other"))
    assert stage.carry_out(request).kind == OutcomeKind.DEPLOYED
    assert len(side_services(stage)) == 1


@pytest.mark.parametrize("options", [{"prepull": False}, {"image": "app:1", "force": True}])
def test_it_is_left_out_where_it_is_not_wanted_or_nothing_is_new(stage, options):
    stage.serve()
    stage.swarm.registry.resolve(Image.parse("app:1"))
    if "force" in options:
        stage.deploy("app:1")
        stage.log.events.clear()
        stage.restart()
    else:
        stage.deploy(**options)
    assert stage.log.of(PullStarted) == []
    assert stage.log.of(StepStarted)


def test_a_deployment_that_goes_on_pulls_no_more(stage):
    stage.serve()
    stage.swarm.faults.services.after(2, stage.swarm.faults.die)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(120)
    stage.log.events.clear()
    assert stage.deploy().kind == OutcomeKind.DEPLOYED
    assert stage.log.of(PullStarted) == []
