"""What a lab shall be: names, addresses, refusals, the state file. Nothing is started."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rollout.lab import LabError, LabSpec
from rollout.lab import spec as naming
from rollout.lab import state as states
from rollout.lab.state import LabState

FULL = LabSpec("demo", 5, 3, Path("/srv/engine"), True, {"registry.example": "registry", "db": "198.18.0.77"})


def test_the_first_lab_takes_the_first_subnet() -> None:
    assert naming.choose_subnet([]) == "198.18.0.0/24"


def test_a_subnet_in_use_is_left_alone() -> None:
    assert naming.choose_subnet(["198.18.0.0/24", "198.18.2.0/24"]) == "198.18.1.0/24"


def test_the_range_of_subnets_ends() -> None:
    every = [f"198.{18 + i // 256}.{i % 256}.0/24" for i in range(512)]
    with pytest.raises(LabError, match="every subnet"):
        naming.choose_subnet(every)


def test_addresses_tell_the_node() -> None:
    assert naming.switch_address("198.18.7.0/24") == "198.18.7.1"
    assert naming.node_address("198.18.7.0/24", 2) == "198.18.7.12"
    assert naming.mac_address("198.18.7.12") == "02:00:c6:12:07:0c"


def test_the_last_node_still_has_an_address_in_the_subnet() -> None:
    assert naming.node_address("198.18.7.0/24", naming.MAX_NODES).startswith("198.18.7.")


def test_the_namespaces_of_a_lab_are_not_those_of_one_with_a_longer_name() -> None:
    pattern = naming.netns_pattern("a")
    assert pattern.fullmatch(naming.node_netns("a", 12))
    assert pattern.fullmatch(naming.switch_netns("a"))
    assert not pattern.fullmatch(naming.node_netns("a-n1", 1))
    assert not pattern.fullmatch(naming.switch_netns("ab"))


def test_socket_paths_fit_into_a_socket_address() -> None:
    longest = "a" * 20
    path = naming.run_dir(longest) / f"n{naming.MAX_NODES}" / "docker.sock"
    assert len(str(path)) < 108


@pytest.mark.parametrize("name", ["", "Lab", "1st", "a/b", "..", "a" * 21, "a_b", "a b"])
def test_a_name_that_could_leave_the_labs_folder_is_refused(name: str) -> None:
    with pytest.raises(LabError, match="cannot be the name"):
        LabSpec(name)
    with pytest.raises(LabError, match="cannot be the name"):
        naming.run_dir(name)


@pytest.mark.parametrize(("nodes", "managers"), [(0, 1), (51, 1), (3, 0), (3, 4), (-1, -1)])
def test_impossible_numbers_of_nodes_are_refused(nodes: int, managers: int) -> None:
    with pytest.raises(LabError, match="a lab"):
        LabSpec(nodes=nodes, managers=managers)


def test_a_host_name_needs_a_registry_to_point_to() -> None:
    with pytest.raises(LabError, match="has none"):
        LabSpec(registry=False, hosts={"registry.example": "registry"})


@pytest.mark.parametrize("hosts", [{"a b": "registry"}, {"a\n1.2.3.4 b": "registry"}, {"db": "elsewhere"}])
def test_a_host_that_would_break_the_hosts_file_is_refused(hosts: dict[str, str]) -> None:
    with pytest.raises(LabError, match=re.escape(next(iter(hosts)))):
        LabSpec(hosts=hosts)


@pytest.mark.parametrize("spec", [LabSpec(), FULL], ids=["plain", "full"])
def test_the_state_file_gives_back_what_was_written(spec: LabSpec) -> None:
    state = LabState(spec, "198.18.3.0/24").finished("20.10.24")
    assert states.from_json(states.to_json(state)) == state


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"format": 99}', '{"format": 1, "spec": {"nodes": "x"}}']
)
def test_a_broken_state_file_is_told_from_a_good_one(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        states.from_json(text)


def test_loading_says_what_is_wrong_and_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "RUN", tmp_path)
    with pytest.raises(LabError, match="no lab 'lab'"):
        states.load("lab")
    states.save(LabState(LabSpec(), "198.18.0.0/24"))
    with pytest.raises(LabError, match="not complete") as caught:
        states.load("lab")
    assert caught.value.hint == "remove what is left of it: rollout lab down --name lab"
    (tmp_path / "lab" / "state.json").write_text("{ half")
    with pytest.raises(LabError, match="cannot be read"):
        states.load("lab")
