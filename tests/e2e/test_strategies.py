"""Strategies on a real three-node Swarm, under load: ramp, canary with a word from elsewhere, blue-green."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest
from e2e.conftest import PHP, Site, events_of
from e2e.test_php_site import PROBE, said
from e2e.test_smoke import SMOKE, as_it_is, side_services

pytestmark = pytest.mark.lab

QUICK = ("--min-ready", "1s", "--bake", "1s")
CANARY = ("--strategy", "canary", "--pause", "promote")


def until(run: subprocess.Popen[str], name: str) -> None:
    """Read the JSON lines of a running command until that event."""
    for line in run.stdout:  # type: ignore[union-attr]
        if f'"event": "{name}"' in line or f'"event":"{name}"' in line:
            return
    pytest.fail(f"it ended before {name}: {run.communicate()[1]}")


def scaled(site: Site, replicas: int) -> None:
    """Bring the service to so many replicas by Swarm's own means."""
    node = site.lab.node(1)
    node.run(
        ["docker", "-H", node.host, "service", "scale", "--detach=false", f"{PHP}={replicas}"], timeout=120
    )


def test_a_canary_goes_on_when_somebody_promotes_it_from_another_process(site: Site):
    image = site.image("v2")
    with site.users() as users:
        run = site.start("deploy", "php", "--image", image, "-o", "json", *CANARY, *PROBE, *QUICK)
        until(run, "hold_started")
        time.sleep(3)
        assert sorted(site.tags_running()) == ["v1", "v1", "v1", "v2"]
        told = site.rollout("promote", "php")
        asked = time.monotonic()
        until(run, "hold_ended")
        heard = time.monotonic() - asked
        run.communicate(timeout=120)
    assert told.returncode == 0, said(told)
    assert run.returncode == 0
    assert heard < 2
    assert site.tags_running() == ["v2"] * 4
    assert users.summary.failed == 0, users.summary.failures
    assert users.summary.sessions_lost == 0


@pytest.mark.long
def test_a_canary_is_held_from_another_process_and_taken_up_again(site: Site):
    image = site.image("v2")
    with site.users() as users:
        run = site.start("deploy", "php", "--image", image, "-o", "json", *CANARY, *QUICK)
        until(run, "hold_started")
        begun = time.monotonic()
        told = site.rollout("hold", "php")
        took = time.monotonic() - begun
        run.communicate(timeout=30)
        assert run.returncode == 6
        assert told.returncode == 0, said(told)
        assert took < 4
        rest = site.rollout("resume", "php", "--strategy", "rolling", *QUICK)
    assert rest.returncode == 0, said(rest)
    assert site.tags_running() == ["v2"] * 4
    assert users.summary.failed == 0, users.summary.failures


@pytest.mark.long
def test_a_canary_is_aborted_from_another_process(site: Site):
    image = site.image("v2")
    with site.users() as users:
        run = site.start("deploy", "php", "--image", image, "-o", "json", *CANARY, *QUICK)
        until(run, "hold_started")
        back = site.rollout("abort", "php")
        run.communicate(timeout=30)
        time.sleep(1)
    assert run.returncode == 6
    assert back.returncode == 0, said(back)
    assert site.tags_running() == ["v1"] * 4
    assert users.summary.failed == 0, users.summary.failures
    assert users.summary.sessions_lost == 0


@pytest.mark.long
def test_twelve_replicas_ramp_up_in_four_steps_and_no_user_notices(site: Site):
    image = site.image("v2")
    scaled(site, 12)
    try:
        with site.users() as users:
            run = site.rollout(
                "deploy", "php", "--image", image, "-o", "json", "--strategy", "ramp", *PROBE, *QUICK
            )
        assert run.returncode == 0, said(run)
        steps = [event["release"] for event in events_of(run.stdout) if event["event"] == "step_started"]
        assert steps == [1, 2, 4, 5]
        assert site.tags_running() == ["v2"] * 12
        assert users.summary.failed == 0, users.summary.failures
        assert users.summary.sessions_lost == 0
    finally:
        scaled(site, 4)


def test_blue_green_keeps_a_release_that_answers_500_from_every_user(site: Site, tmp_path: Path):
    image = site.image("bad500", "error500")
    before = as_it_is(site)
    (tmp_path / "rollout.toml").write_text(SMOKE)
    config = ("--config", str(tmp_path / "rollout.toml"))
    with site.users() as users:
        time.sleep(1)
        run = site.rollout("deploy", "php", "--image", image, "--strategy", "blue_green", *QUICK, *config)
        time.sleep(1)
    assert run.returncode == 5, said(run)
    assert "4 replicas of the release that no user can reach" in run.stderr, said(run)
    assert users.summary.failed == 0, users.summary.failures
    assert as_it_is(site) == before
    assert side_services(site) == []


@pytest.mark.long
def test_blue_green_switches_a_good_release_at_once_and_no_user_notices(site: Site):
    image = site.image("v2")
    with site.users() as users:
        run = site.rollout("deploy", "php", "--image", image, "--strategy", "blue_green", *PROBE, *QUICK)
        time.sleep(2)
    assert run.returncode == 0, said(run)
    assert site.tags_running() == ["v2"] * 4
    assert users.summary.failed == 0, users.summary.failures
    assert users.summary.sessions_lost == 0
    assert side_services(site) == []
