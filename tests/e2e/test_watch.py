"""`rollout watch` on a real Swarm: each failure is told once in time and once when over."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import receivers
from e2e.conftest import PHP, Site

from rollout import pacing
from rollout.errors import Conflict, RolloutError
from rollout.swarm import EngineStore, connect

pytestmark = pytest.mark.lab

HOOK, MAIL, METRICS = 18997, 18925, 18996
RECEIVER = str(Path(receivers.__file__))
LATE = 5.0
"""Seconds by which it may be told later than configured."""
NODE_NOTICED = 25.0
"""Seconds in which the managers have noticed that a node is gone: three heartbeats (seen: 12 to 16)."""

SETTINGS = f"""
[watch]
urls = [
  "http://127.0.0.1:{HOOK}/hook",
  "mailto://127.0.0.1:{MAIL}?from=rollout@example.org&to=ops@example.org&mode=insecure",
]
every = "1s"
replicas_for = "20s"
restarts = 3
restart_window = "40s"
node_for = "5s"
abandoned_for = "10s"
calm = "3s"
services = ["site_php", "site_nginx", "site_redis", "site_haproxy"]

[[watch.probes]]
name = "shop"
url = "http://127.0.0.1:8080/"
expect_status = 200
every = "2s"
timeout = "2s"
failures = 3
successes = 2
"""


@dataclass
class Lines:
    """What a program in the node's network prints, with the time at which it came."""

    process: subprocess.Popen[str]
    came: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                self.came.append((time.monotonic(), json.loads(line)))


@dataclass
class Watched:
    """A watcher at work, and what its receivers got."""

    site: Site
    process: subprocess.Popen[str]
    hook: Lines
    mail: Lines

    @property
    def told(self) -> list[tuple[float, dict[str, Any]]]:
        return [(at, said["body"]) for at, said in self.hook.came]

    def of(self, event: str, kind: str) -> list[float]:
        """When such a message came."""
        return [at for at, body in self.told if (body["event"], body.get("kind")) == (event, kind)]

    def titles(self) -> list[str]:
        return [body["title"] for _, body in self.told]

    def wait(self, event: str, kind: str, seconds: float) -> float:
        """The time of the first such message."""
        until(lambda: bool(self.of(event, kind)), seconds, lambda: f"{event} {kind}, only {self.titles()}")
        return self.of(event, kind)[0]


def until(holds: Callable[[], bool], seconds: float, what: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:g}s: {what()}"
        time.sleep(0.05)


@contextmanager
def program(site: Site, *argv: str, ready: str = "") -> Iterator[subprocess.Popen[str]]:
    """A program in node 1's network, ended when it is done with."""
    process = site.lab.node(1).popen(
        list(argv), env=site.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        if ready:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == ready
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def forget(site: Site) -> None:
    """Remove what an earlier watcher has kept, and what a deployment that was killed left behind."""
    if pacing.release_number(site.php.spec) is not None:
        site.back_to("v1")
    store = EngineStore(connect(site.lab.node(1).host, {}))
    for kind in ("alerts", "watcher", "lock"):
        for entry in store.find({"rollout.kind": kind}):
            store.remove(entry)


@pytest.fixture
def watched(site: Site, tmp_path: Path) -> Iterator[Watched]:
    """Everything runs, and somebody watches it: a webhook and a mailbox on loopback hear of it."""
    forget(site)
    settings = tmp_path / "rollout.toml"
    settings.write_text(SETTINGS)
    hook = program(site, sys.executable, RECEIVER, str(HOOK), ready="ready")
    mail = program(site, sys.executable, RECEIVER, str(MAIL), "smtp", ready="ready")
    watch = program(
        site,
        *site.command("watch", "--config", str(settings), "--listen", f"127.0.0.1:{METRICS}", "-o", "json"),
    )
    with hook as hooked, mail as mailed, watch as process:
        said = Lines(process)
        heard = Watched(site, process, Lines(hooked), Lines(mailed))
        until(lambda: any("watching" in str(line) for _, line in said.came), 30, lambda: str(said.came))
        time.sleep(3)
        assert heard.titles() == [], "all is well before anything happens"
        yield heard
    forget(site)


def kill_one(site: Site) -> None:
    """Kill the process of a running task of php, as the kernel would, and see it gone."""
    hosts = {node.id: node.hostname for node in site.swarm.nodes()}
    task = site.running()[0]
    node = next(one for one in site.lab.nodes if one.name == hosts[task.node_id])
    filters = f'{{"label":["com.docker.swarm.task.id={task.id}"]}}'
    (container,) = node.api.get(f"/containers/json?filters={filters}")
    node.api.call("POST", f"/containers/{container['Id']}/kill")
    until(lambda: task.id not in {one.id for one in site.running()}, 20, lambda: f"the end of {task}")


def all_run(site: Site) -> bool:
    try:
        return len(site.running()) == 4
    except RolloutError:
        return False


def scale(site: Site, name: str, replicas: int) -> None:
    """Change the number of replicas as somebody else would."""
    for _ in range(5):
        service = site.swarm.service(name)
        try:
            return site.swarm.update(service, {**service.spec, "Mode": replicated(replicas)}, None)
        except Conflict:
            continue
    raise AssertionError(f"somebody else writes {name} all the time")


def replicated(replicas: int) -> dict[str, Any]:
    return {"Replicated": {"Replicas": replicas}}


@pytest.mark.long
def test_a_task_that_is_killed_again_and_again_is_told_once_and_once_when_it_is_well(watched: Watched):
    for _ in range(3):
        until(lambda: all_run(watched.site), 60, lambda: "four replicas of php")
        third = time.monotonic()
        kill_one(watched.site)
    assert watched.wait("alert", "restarting", 30) - third < LATE
    over = watched.wait("alert_over", "restarting", 90)
    assert 40 - 1 < over - third < 40 + 3 + LATE
    assert [title.endswith("tasks ended by themselves 3 times within 40s") for title in watched.titles()] == [
        True,
        True,
    ]
    until(lambda: len(watched.mail.came) == 2, 10, lambda: str(watched.mail.came))
    assert watched.mail.came[0][1]["subject"] == "site_php: tasks ended by themselves 3 times within 40s"


def test_a_lost_node_is_told_once_with_all_that_ran_there(watched: Watched):
    node = watched.site.lab.node(3)
    node.kill()
    try:
        died = time.monotonic()
        at = watched.wait("alert", "node_down", 60)
        assert at - died < NODE_NOTICED + 5 + LATE
        time.sleep(10)
        about = [body for _, body in watched.told if body.get("kind") != "probe"]
        assert [body["kind"] for body in about] == ["node_down"]
        assert node.name in about[0]["title"]
    finally:
        node.start()
    watched.wait("alert_over", "node_down", 90)
    until(lambda: all_run(watched.site), 90, lambda: "four replicas of php")
    assert len(watched.of("alert", "node_down")) == len(watched.of("alert_over", "node_down")) == 1


def test_redis_stopped_behind_a_probe_is_told_once_and_once_when_it_is_well(watched: Watched):
    scale(watched.site, "site_redis", 0)
    try:
        stopped = time.monotonic()
        at = watched.wait("alert", "probe", 60)
        assert at - stopped < 3 * (2 + 2) + 12 + LATE, "three answers, and the time that Redis takes to stop"
        with_figures = (
            watched.site.lab.node(1).run(["curl", "-s", f"http://127.0.0.1:{METRICS}/metrics"]).stdout
        )
        assert 'rollout_probe_success{probe="shop"} 0.0' in with_figures
        assert 'rollout_alert{kind="probe",level="failure",subject="shop"} 1.0' in with_figures
    finally:
        scale(watched.site, "site_redis", 1)
    watched.wait("alert_over", "probe", 60)
    assert len(watched.of("alert", "probe")) == len(watched.of("alert_over", "probe")) == 1
    assert {body.get("kind") for _, body in watched.told} == {"probe"}


@pytest.mark.long
def test_no_false_alarm_during_twenty_deployments(watched: Watched):
    """Every fifth one is taken back; the page that users meet is watched all the time."""
    site = watched.site
    good = [site.images["v1"], site.image("v2")]
    bad = site.image("crashing", "crash")
    quick = ("--bake", "1s", "--batch", "4", "--no-prepull")
    for number in range(20):
        image = bad if number % 5 == 4 else good[(number + 1 - number // 5) % 2]
        ready = "5s" if image == bad else "1s"
        run = site.rollout("deploy", "php", "--image", image, "--min-ready", ready, *quick)
        assert run.returncode == (3 if image == bad else 0), run.stderr
    time.sleep(10)
    assert watched.titles() == []


@pytest.mark.long
def test_an_abandoned_deployment_is_told_once_and_over_when_it_is_aborted(watched: Watched):
    site = watched.site
    with site.start("deploy", "php", "--image", site.image("v2"), "--min-ready", "1s", "-o", "json") as run:
        assert run.stdout is not None
        for line in run.stdout:
            if json.loads(line)["event"] == "step_passed":
                break
        run.kill()
    killed = time.monotonic()
    at = watched.wait("alert", "abandoned", 90)
    assert at - killed < 30 + 10 + 3 + LATE, "the lock falls after 30 s without a sign of life"
    assert site.rollout("abort", "php").returncode == 0
    watched.wait("alert_over", "abandoned", 30)
    assert len(watched.told) == 2


def test_one_look_says_by_its_exit_code_whether_all_is_well(site: Site, tmp_path: Path):
    forget(site)
    patient = tmp_path / "patient.toml"  # with what other tests have killed
    patient.write_text("[watch]\nrestarts = 50\n")
    well = site.rollout("watch", "--once", "-o", "json", "--config", str(patient), "php", "nginx")
    assert well.returncode == 0, well.stdout
    assert json.loads(well.stdout)["services"] == 2
    settings = tmp_path / "rollout.toml"
    nowhere = '[[watch.probes]]\nname = "nowhere"\nurl = "http://127.0.0.1:9/"\n'
    settings.write_text(patient.read_text() + nowhere)
    wrong = site.rollout("watch", "--once", "-o", "json", "--config", str(settings), PHP)
    assert wrong.returncode == 1, wrong.stderr
    (found,) = json.loads(wrong.stdout)["conditions"]
    assert (found["name"], found["facts"]["why"]) == ("nowhere", "connection refused")


@pytest.mark.long
def test_its_own_restart_tells_nothing_twice(watched: Watched, tmp_path: Path):
    """The second watcher stands by, takes over, and finds in the Swarm what the first one told."""
    site = watched.site
    settings = str(tmp_path / "rollout.toml")
    scale(site, "site_redis", 0)
    try:
        watched.wait("alert", "probe", 60)
        second = program(site, *site.command("watch", "--config", settings, "-o", "json"))
        with second as process:
            said = Lines(process)
            until(
                lambda: any("standing by" in str(line) for _, line in said.came), 20, lambda: str(said.came)
            )
            watched.process.terminate()
            until(
                lambda: any("1 alert is open" in str(line) for _, line in said.came),
                40,
                lambda: str(said.came),
            )
            time.sleep(10)
            assert len(watched.told) == 1
            scale(site, "site_redis", 1)
            watched.wait("alert_over", "probe", 60)
    finally:
        scale(site, "site_redis", 1)
    assert len(watched.told) == 2
