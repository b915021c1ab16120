"""Where one more task would fit, by the rules of Swarm's scheduler."""

from __future__ import annotations

import pytest
from unit.facts import GIB, SECOND, node, spec_of, with_template

from rollout import constraints
from rollout.model import Occupant
from rollout.placement import Newcomer, Place, obstacle, runs

WORKER = node(
    2,
    labels={"disk": "SSD", "Zone": "a"},
    engine_labels={"gpu": "yes"},
    address="198.18.1.12",
)


@pytest.mark.parametrize(
    "constraint",
    [
        "node.id == id-2",
        "node.hostname==NODE-2",
        "node.role == worker",
        "node.role != manager",
        "NODE.PLATFORM.OS == linux",
        "node.platform.arch == x86_64",
        "node.labels.disk == ssd",
        "node.labels.Zone == a",
        "node.labels.zone != a",
        "node.labels.absent != x",
        "engine.labels.gpu == yes",
        "node.ip == 198.18.1.12",
        "node.ip == 198.18.0.0/15",
        "node.ip != 198.18.1.13",
    ],
)
def test_a_node_meets(constraint: str):
    assert constraints.satisfied([constraint], WORKER)


@pytest.mark.parametrize(
    "constraint",
    [
        "node.role == manager",
        "node.labels.zone == a",
        "node.labels.absent == x",
        "node.ip != 198.18.0.0/15",
        "node.ip == nonsense",
        "node.ip != nonsense",
        "node.colour == red",
        "node.colour != red",
    ],
)
def test_a_node_does_not_meet(constraint: str):
    assert not constraints.satisfied([constraint], WORKER)


def test_all_of_them_have_to_be_met():
    assert constraints.satisfied(["node.role == worker", "node.labels.disk == ssd"], WORKER)
    assert not constraints.satisfied(["node.role == worker", "node.labels.disk == hdd"], WORKER)


def test_what_swarm_cannot_read_filters_nothing():
    assert constraints.satisfied(["node.role = manager"], WORKER)


def in_the_way(*occupants: Occupant, on=None, **template: object) -> str:
    newcomer = Newcomer("s" * 25, with_template(spec_of(), **template))
    return obstacle(Place(on or node(1), occupants), newcomer)


def test_on_an_idle_node_nothing_is_in_the_way():
    assert in_the_way() == ""


@pytest.mark.parametrize("lost", [node(1, gone=True, ready=False), node(1, active=False)])
def test_a_node_that_is_down_or_drained_takes_no_tasks(lost):
    assert in_the_way(on=lost) == "takes no tasks"


def test_a_node_that_a_new_leader_has_not_heard_from_yet_is_not_given_up():
    assert in_the_way(on=node(1, ready=False)) == ""


@pytest.mark.parametrize(("reserved", "fits"), [(GIB, True), (2 * GIB, True), (2 * GIB + 1, False)])
def test_reservations_have_to_fit_into_what_others_have_left(reserved: int, fits: bool):
    two_taken = Occupant("id-1", "other", memory=2 * GIB)
    words = in_the_way(two_taken, Resources={"Reservations": {"MemoryBytes": reserved}})
    assert words == ("" if fits else "has too little left to reserve")


def test_processors_are_reserved_as_memory_is():
    reserved = {"Reservations": {"NanoCPUs": 3 * SECOND}}
    assert in_the_way(Occupant("id-1", "other", nano_cpus=SECOND), Resources=reserved) == ""
    taken = Occupant("id-1", "other", nano_cpus=SECOND + 1)
    assert in_the_way(taken, Resources=reserved) == "has too little left to reserve"


def test_a_node_that_does_not_say_what_it_has_is_taken_to_have_enough():
    reserved = {"Reservations": {"MemoryBytes": 64 * GIB}}
    assert in_the_way(on=node(1, memory=None), Resources=reserved) == ""


def test_own_tasks_count_for_max_replicas_per_node_and_others_do_not():
    own, other = Occupant("id-1", "s" * 25), Occupant("id-1", "other")
    assert in_the_way(other, Placement={"MaxReplicas": 1}) == ""
    assert in_the_way(own, Placement={"MaxReplicas": 1}) == "has max_replicas_per_node already"
    assert in_the_way(own, Placement={"MaxReplicas": 2}) == ""


def test_a_port_is_taken_for_its_protocol_alone():
    newcomer = Newcomer("s", spec_of() | {"EndpointSpec": {"Ports": [host_port(53)]}})
    udp, tcp = (Occupant("id-1", "dns", ports=frozenset({(name, 53)})) for name in ("udp", "tcp"))
    assert obstacle(Place(node(1), (udp,)), newcomer) == ""
    assert obstacle(Place(node(1), (tcp,)), newcomer) == "has the port in use"


def test_a_port_whose_number_the_engine_chooses_is_in_nobodys_way():
    newcomer = Newcomer("s", spec_of() | {"EndpointSpec": {"Ports": [host_port(0)]}})
    assert obstacle(Place(node(1), (Occupant("id-1", "s"),)), newcomer) == ""


def host_port(number: int) -> dict:
    return {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": number, "PublishMode": "host"}


@pytest.mark.parametrize(
    ("os", "architecture", "fits"),
    [("linux", "amd64", True), ("linux", "x86_64", True), ("", "", True), ("linux", "arm64", False)],
)
def test_platforms_are_compared_as_the_scheduler_does(os: str, architecture: str, fits: bool):
    assert runs(node(1), os, architecture) is fits
    words = in_the_way(Placement={"Platforms": [{"OS": os, "Architecture": architecture}]})
    assert words == ("" if fits else "is of another platform")


def test_windows_is_not_linux():
    assert not runs(node(1), "windows", "amd64")
