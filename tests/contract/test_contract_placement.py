"""Where there is a place for one task more: what is computed beforehand is what Swarm does."""

from __future__ import annotations

from typing import Any

import pytest
from contract.world import Stage

from rollout import placement, spec
from rollout.model import Spec, TaskState

PORT = {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 18555, "PublishMode": "host"}


def obstacles(stage: Stage, target: Spec) -> set[str]:
    """What is in the way of one task more, on any node."""
    occupants = stage.world.surroundings.occupants()
    newcomer = placement.Newcomer(stage.service_id, target)
    places = placement.places(stage.world.swarm.nodes(), occupants)
    return {placement.obstacle(place, newcomer) for place in places}


def more_than_half(stage: Stage) -> dict[str, Any]:
    """Reservations of which each node can hold one."""
    most = max(node.memory or 0 for node in stage.world.swarm.nodes())
    return {"Resources": {"Reservations": {"MemoryBytes": int(most * 0.6)}}}


def waits(stage: Stage) -> bool:
    """Whether a task has no node."""
    newest = [slot.wanted[0] for slot in stage.slots]
    return any(task.state == TaskState.PENDING and "no suitable node" in task.error for task in newest)


@pytest.mark.parametrize("kind", ["reservations", "host port", "max replicas"])
def test_where_no_place_is_seen_a_task_that_starts_first_waits(stage: Stage, kind: str) -> None:
    demand = {
        "reservations": more_than_half(stage),
        "host port": {},
        "max replicas": {"Placement": {"MaxReplicas": 1}},
    }[kind]
    wanted = spec.raw(stage.spec(3))
    wanted["TaskTemplate"] |= demand
    wanted["EndpointSpec"] = {"Mode": "dnsrr", "Ports": [PORT]} if kind == "host port" else {"Mode": "dnsrr"}
    stage.create(wanted)
    stage.reach(3)
    baseline = stage.service.spec
    assert "" not in obstacles(stage, baseline)
    stage.release(stage.target(), 1, 1)
    stage.wait(lambda: waits(stage), "the new task waits")
    stage.roll_back(baseline, 3)
    stage.reach(3)


def test_where_a_place_is_seen_a_task_finds_it(stage: Stage) -> None:
    wanted = spec.raw(stage.spec(2))
    wanted["TaskTemplate"] |= more_than_half(stage)
    stage.create(wanted)
    stage.reach(2)
    assert "" in obstacles(stage, stage.service.spec)
    stage.release(stage.target(), 1, 1)
    stage.reach(1)


@pytest.mark.parametrize(
    "constraint",
    [
        "node.role!=manager",
        "NODE.ROLE == Manager",
        "node.hostname!=nobody",
        "node.labels.absent!=x",
        "node.platform.os==LINUX",
        "node.ip!=192.0.2.0/24",
    ],
)
def test_a_constraint_is_met_where_swarm_says_so(stage: Stage, constraint: str) -> None:
    wanted = spec.raw(stage.spec(None))
    wanted["TaskTemplate"]["Placement"] = {"Constraints": [constraint]}
    expected = {node.id for node in stage.world.swarm.nodes() if placement.eligible(node, wanted)}
    stage.create(wanted)
    stage.wait(lambda: bool(stage.slots) and stage.done == len(stage.slots), "the service runs")
    stage.stands_still(1.0)
    assert {slot.wanted[0].node_id for slot in stage.slots} == expected
