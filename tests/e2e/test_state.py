"""Lock, record, resume and abort on a real Swarm: real processes, killed, frozen, cut off and ten at once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from e2e.conftest import Site, events_of
from e2e.proxy import Mishap, Trouble, proxy
from e2e.replicas import Replicas
from e2e.test_php_site import said

from rollout import pacing, spec
from rollout.state import lock

pytestmark = [pytest.mark.lab, pytest.mark.long]

QUICK = ("--min-ready", "1s", "--bake", "1s")
UPDATE = r"^POST .*/services/[^/]+/update"
MOMENTS = {
    "the lock is taken": r"^POST .*/configs/create",
    "a release": UPDATE,
    "a heartbeat, a record's end": r"^POST .*/configs/[^/]+/update",
    "the lock is given back": r"^DELETE .*/configs/",
}


def deploying(site: Site, image: str, *more: str) -> subprocess.Popen[str]:
    return site.start("deploy", "php", "--image", image, "-o", "json", *QUICK, *more)


def step_begins(run: subprocess.Popen[str], number: int) -> None:
    """Read until that step begins to release."""
    for line in run.stdout:  # type: ignore[union-attr]
        event = json.loads(line)
        if event["event"] == "step_started" and event["step"] == number:
            return
    pytest.fail(f"it ended before step {number}: {run.communicate()[1]}")


def history(site: Site) -> list[dict]:
    run = site.rollout("history", "php", "-o", "json")
    return json.loads(run.stdout)["revisions"]


def test_of_ten_deployments_at_once_one_runs_and_nine_are_told_so(site: Site):
    image, before = site.image("v2"), history(site)
    with site.users() as users:
        runs = [deploying(site, image) for _ in range(10)]
        codes = sorted(run.wait(timeout=180) for run in runs)
        for run in runs:
            run.communicate()
    assert codes == [0, *[4] * 9]
    new = [one for one in history(site) if one not in before and one["outcome"] == "deployed"]
    assert len(new) == 1
    assert site.tags_running() == ["v2"] * 4
    assert users.summary.failed == 0, users.summary.failures


def test_a_frozen_holder_that_wakes_after_another_has_taken_over_writes_nothing(site: Site):
    image = site.image("v2")
    with site.users() as users:
        frozen = deploying(site, image)
        step_begins(frozen, 2)
        frozen.send_signal(signal.SIGSTOP)
        time.sleep(lock.TTL + 1)
        other = site.rollout("deploy", "php", "--image", image, *QUICK)
        assert other.returncode == 0, said(other)
        after = site.php
        frozen.send_signal(signal.SIGCONT)
        frozen.communicate(timeout=60)
        time.sleep(1)
    assert frozen.returncode == 6
    assert spec.same(site.php.spec, after.spec)
    assert site.tags_running() == ["v2"] * 4
    assert users.summary.failed == 0, users.summary.failures


@pytest.mark.parametrize("step", [1, 2, 4])
@pytest.mark.parametrize("way", ["resume", "abort"])
def test_killed_in_a_step_it_serves_on_and_is_finished_or_taken_back(site: Site, step: int, way: str):
    image, before = site.image("v2"), site.php.spec
    with site.users() as users:
        run = deploying(site, image)
        step_begins(run, step)
        time.sleep(0.3)
        run.kill()
        run.communicate()
        time.sleep(2)
        end = site.rollout(way, "php", *(QUICK if way == "resume" else ()))
        time.sleep(1)
    assert end.returncode == 0, said(end)
    assert site.tags_running() == (["v2"] * 4 if way == "resume" else ["v1"] * 4)
    assert way == "resume" or spec.same(site.php.spec, before)
    assert users.summary.failed == 0, users.summary.failures
    assert users.summary.sessions_lost == 0


@pytest.mark.parametrize("mishap", [Mishap.LOST_BEFORE, Mishap.LOST_AFTER, Mishap.DOUBLED, Mishap.DELAYED])
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_write_that_is_lost_delayed_or_doubled_happens_once_and_the_outcome_is_true(
    site: Site, tmp_path: Path, mishap: Mishap, moment: str
):
    image = site.image("v2")
    releases = {one["revision"] for one in history(site)}
    trouble = Trouble(mishap, MOMENTS[moment])
    with site.users() as users, proxy(site.lab.node(1).socket, tmp_path, trouble) as address:
        run = site.rollout(
            "deploy", "php", "--host", address, "--image", image, "-o", "json", "--batch", "2", *QUICK
        )
    assert trouble.seen >= 1
    assert run.returncode == 0, said(run)
    assert site.tags_running() == ["v2"] * 4
    written = sum(bool(re.search(UPDATE, line)) for line in trouble.landed)
    steps = [event for event in events_of(run.stdout) if event["event"] == "step_started"]
    assert written == len(steps) + 1  # each release, and the last write
    assert len([one for one in history(site) if one["revision"] not in releases]) == 1
    assert users.summary.failed == 0, users.summary.failures


KINDS = {
    "the lock": (r"^POST .*/configs/create", 1),
    "the pull of the image": (r"^POST .*/services/create", 1),
    "the record": (r"^POST .*/configs/create", 2),
    "the first release": (UPDATE, 1),
    "a release": (UPDATE, 2),
    "the last write": (UPDATE, 3),
    "the lock's return": (r"^DELETE .*/configs/", 1),
}
"""Every kind of write that a deployment in two steps makes, and which of its kind it is."""


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("mishap", [Mishap.KILLED_BEFORE, Mishap.KILLED_AFTER])
@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_a_write_of_any_kind_both_ways_on_end_right(
    site: Site, tmp_path: Path, kind: str, mishap: Mishap, way: str
):
    image, before = site.image("v2"), site.php.spec
    trouble = Trouble(mishap, *KINDS[kind])
    with site.users() as users, Replicas(site) as replicas:
        with proxy(site.lab.node(1).socket, tmp_path, trouble) as address:
            run = deploying(site, image, "--host", address, "--batch", "2")
            trouble.kill = run.kill
            run.communicate(timeout=120)
        assert run.returncode == -signal.SIGKILL
        time.sleep(3)
        half_way = pacing.is_paced(site.php.spec)
        end = site.rollout(way, "php", *(QUICK if way == "resume" else ()))
        time.sleep(1)
    assert end.returncode == (0 if half_way else 5), said(end)
    tags = set(site.tags_running())
    assert tags == ({"v2"} if way == "resume" else {"v1"}) if half_way else tags in ({"v1"}, {"v2"})
    assert "v2" in tags or spec.same(site.php.spec, before)
    assert len(site.running()) == 4
    assert replicas.fewest >= 4
    assert users.summary.failed == 0, users.summary.failures
    assert users.summary.sessions_lost == 0
