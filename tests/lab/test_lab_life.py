"""Labs come and go without a trace, however they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rollout.lab import Lab, LabError, LabSpec, cgroups, lock, network, processes
from rollout.lab.spec import data_dir, run_dir

pytestmark = pytest.mark.lab

CLI = [sys.executable, "-m", "rollout.lab"]


def cli(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CLI, *words], capture_output=True, text=True, check=False)


def traces(name: str) -> list[str]:
    """All that is on this machine and names the lab: namespaces, groups, mounts, folders, processes."""
    found = [*network.existing(name), *map(str, cgroups.existing(name))]
    found += [str(folder) for folder in (run_dir(name), data_dir(name)) if folder.exists()]
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    found += [line for line in mounts if f"/labs/{name}" in line or f"rollout-{name}-" in line]
    return found + [f"process {pid}" for pid in sorted(mentioning(name))]


def start(name: str, seconds: float) -> subprocess.Popen[bytes]:
    """Let a process start a lab until that long after the lab's first trace: imports take their own time."""
    starting = subprocess.Popen(
        [*CLI, "up", "--name", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not run_dir(name).exists():
        time.sleep(0.01)
    time.sleep(seconds)
    return starting


def mentioning(name: str) -> set[int]:
    words = [f"rollout/labs/{name}/".encode(), f"rollout-{name}-".encode()]
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if any(word in command for word in words) and processes.alive(int(folder.name)):
            found.add(int(folder.name))
    return found | processes.of_lab(name)


def host_network() -> str:
    """What other programs of the machine would notice."""
    shown = subprocess.run(["ip", "-o", "address"], capture_output=True, text=True, check=True).stdout
    return shown + Path("/proc/sys/net/ipv4/ip_forward").read_text()


@pytest.fixture
def name() -> Iterator[str]:
    chosen = f"t{os.getpid()}"
    yield chosen
    Lab.destroy(chosen)


def test_a_lab_comes_quickly_and_goes_without_a_trace(name: str) -> None:
    before = host_network()
    began = time.monotonic()
    made = Lab.up(LabSpec(name, nodes=3, managers=3))
    assert time.monotonic() - began < 20
    assert name in Lab.names()
    assert Lab.load(name) == made
    assert len(traces(name)) > 10
    assert host_network() == before
    made.down()
    assert traces(name) == []
    assert host_network() == before
    made.down()


def test_a_second_lab_of_the_same_name_is_refused_and_the_first_lives_on(name: str) -> None:
    made = Lab.up(LabSpec(name, nodes=1, registry=False))
    with pytest.raises(LabError, match="already up") as caught:
        Lab.up(LabSpec(name, nodes=1, registry=False))
    assert caught.value.hint == f"end it first: rollout lab down --name {name}"
    assert made.node(1).state == "running"
    with pytest.raises(LabError, match="no registry"):
        _ = made.registry
    with pytest.raises(LabError, match="no node 2"):
        made.node(2)


def test_work_on_one_lab_is_done_by_one_process_at_a_time(name: str) -> None:
    with (
        lock.held(f"lab '{name}'", seconds=0),
        pytest.raises(LabError, match=f"another process is at work on lab '{name}'"),
        lock.held(f"lab '{name}'", seconds=0),
    ):
        pass


def test_two_labs_are_apart_and_the_second_does_not_hold_on_to_the_first(name: str, lab: Lab) -> None:
    second = Lab.up(LabSpec(name, nodes=1, registry=False))
    assert second.state.subnet != lab.state.subnet
    assert lab.node(1).run(["ping", "-c1", "-W1", second.node(1).address], check=False).returncode != 0
    second.down()
    for node in lab.nodes:
        mounts = Path(f"/proc/{processes.init_of(node.netns)}/mountinfo").read_text()
        assert f"rollout-{name}-" not in mounts
    assert [node.state for node in lab.nodes] == ["running"] * 3


@pytest.mark.parametrize("seconds", [0, 0.1, 0.3, 0.6, 1.0])
def test_a_start_that_was_killed_leaves_nothing_that_destroy_cannot_find(name: str, seconds: float) -> None:
    starting = start(name, seconds)
    starting.kill()
    starting.wait()
    Lab.destroy(name)
    assert traces(name) == []


def test_a_start_takes_the_place_of_one_that_was_killed(name: str) -> None:
    starting = start(name, seconds=0.4)
    starting.kill()
    starting.wait()
    assert Lab.up(LabSpec(name, nodes=1, registry=False)).node(1).state == "running"


def test_an_interrupted_start_cleans_up_after_itself(name: str) -> None:
    starting = start(name, seconds=0.4)
    starting.send_signal(signal.SIGINT)
    assert starting.wait(30) != 0
    assert traces(name) == []


def test_what_is_left_when_all_processes_were_killed_is_cleaned(name: str) -> None:
    Lab.up(LabSpec(name, nodes=2))
    processes.kill(processes.of_lab(name))
    assert cli("down", "--name", name).returncode == 0
    assert traces(name) == []


def test_a_lab_with_a_broken_state_is_shown_and_cleaned(name: str) -> None:
    Lab.up(LabSpec(name, nodes=1, registry=False))
    (run_dir(name) / "state.json").write_text("{ half")
    with pytest.raises(LabError, match="cannot be read"):
        Lab.load(name)
    with pytest.raises(LabError, match="cannot be read"):
        Lab.up(LabSpec(name, nodes=1))
    shown = cli("status", "--name", name, "-o", "json")
    assert "cannot be read" in json.loads(shown.stdout)[0]["error"]
    Lab.destroy(name)
    assert traces(name) == []


def test_an_engine_that_cannot_start_is_quoted_and_cleaned_up(name: str, tmp_path: Path) -> None:
    engine = tmp_path / "usr" / "sbin" / "dockerd"
    engine.parent.mkdir(parents=True)
    engine.write_text("#!/bin/sh\n")
    with pytest.raises(LabError, match=r"does not start(?s:.*)not found"):
        Lab.up(LabSpec(name, nodes=1, registry=False, engine_root=tmp_path))
    assert traces(name) == []


def test_the_commands_tell_and_pass_on(name: str) -> None:
    started = cli("up", "--name", name, "--nodes", "1", "--no-registry")
    assert started.returncode == 0
    assert f"export DOCKER_HOST=unix:///run/rollout/labs/{name}/n1/docker.sock" in started.stdout
    facts = json.loads(cli("status", "--name", name, "-o", "json").stdout)[0]
    assert [(node["role"], node["state"]) for node in facts["nodes"]] == [("manager", "running")]
    inside = cli("exec", f"{name}-n1", "--", "sh", "-c", "hostname; ls -S /run/docker.sock; exit 7")
    assert (inside.stdout, inside.returncode) == (f"{name}-n1\n/run/docker.sock\n", 7)
    assert "no node" in cli("exec", f"{name}-n9", "--", "true").stderr
    assert cli("down", "--name", name).returncode == 0
    assert cli("status", "--name", name).returncode == 1
