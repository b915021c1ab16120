"""Smoke test and hooks on a real three-node Swarm: a bad release is found out before any user meets it."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest
from e2e.conftest import Site, events_of
from e2e.test_php_site import said, wait_for

from rollout.model import Spec
from rollout.oneshot import names

pytestmark = pytest.mark.lab

SMOKE = """
[services.php]
service = "site_php"
[services.php.smoke]
command = ["smoke"]
timeout = "30s"
"""
BEFORE = """
[[services.php.before]]
command = ["sh", "-c", "echo migrating $ROLLOUT_SERVICE; exit 3"]
"""
SLOWLY = SMOKE.replace('["smoke"]', '["sleep", "60"]')
QUICK = ("--min-ready", "1s", "--bake", "1s")


@pytest.fixture
def configured(tmp_path: Path):
    def write(text: str) -> tuple[str, ...]:
        file = tmp_path / "rollout.toml"
        file.write_text(text)
        return ("--config", str(file))

    return write


def as_it_is(site: Site) -> tuple[Spec, set[str]]:
    """Spec and tasks; the version may be moved by the end of an update that came before."""
    return site.php.spec, {task.id for task in site.running()}


def side_services(site: Site) -> list[str]:
    return [service.name for service in site.swarm.services() if names.is_side_service(service.spec)]


def test_a_release_that_answers_500_reaches_no_user(site: Site, configured):
    image = site.image("bad500", "error500")
    before = as_it_is(site)
    with site.users() as users:
        time.sleep(2)
        run = site.rollout("deploy", "php", "--image", image, *QUICK, *configured(SMOKE))
        time.sleep(2)
    assert run.returncode == 5, said(run)
    assert "Status: 500" in run.stdout, said(run)
    assert users.summary.failed == 0, users.summary.failures
    assert as_it_is(site) == before
    assert side_services(site) == []


def test_a_good_release_passes_and_no_user_notices(site: Site, configured):
    image = site.image("v2")
    with site.users() as users:
        run = site.rollout("deploy", "php", "--image", image, *QUICK, *configured(SMOKE))
    assert run.returncode == 0, said(run)
    assert users.summary.failed == 0, users.summary.failures
    assert users.summary.sessions_lost == 0
    assert site.tags_running() == ["v2"] * 4
    assert side_services(site) == []


def test_a_release_that_crashes_is_found_out_with_its_last_words(site: Site, configured):
    before = as_it_is(site)
    image = site.image("crashing", "crash-at-once")
    run = site.rollout("deploy", "php", "--image", image, *QUICK, *configured(SMOKE))
    assert run.returncode == 5, said(run)
    assert "PHP Fatal error" in run.stdout, said(run)
    assert as_it_is(site) == before
    assert side_services(site) == []


def test_a_before_hook_that_fails_changes_nothing_and_its_log_is_shown(site: Site, configured):
    image = site.image("v2")
    before = as_it_is(site)
    run = site.rollout("deploy", "php", "--image", image, *QUICK, *configured(SMOKE + BEFORE))
    assert run.returncode == 5, said(run)
    assert "migrating site_php" in run.stdout, said(run)
    assert "exit code 3" in run.stdout, said(run)
    assert as_it_is(site) == before
    assert side_services(site) == []


def test_ctrl_c_during_the_smoke_test_leaves_nothing_behind(site: Site, configured):
    before = as_it_is(site)
    arguments = ("deploy", "php", "--image", site.image("v2"), *configured(SLOWLY), "-o", "json")
    stopped = site.start(*arguments)
    wait_for(stopped, "one_shot_started")
    stopped.send_signal(signal.SIGINT)
    rest, _ = stopped.communicate(timeout=30)
    assert stopped.returncode == 130, rest
    assert events_of(rest)[-1]["kind"] == "refused"
    assert as_it_is(site) == before
    assert side_services(site) == []


@pytest.mark.long
def test_what_a_killed_deployment_left_behind_is_gone_after_the_next_one(site: Site, configured):
    arguments = ("deploy", "php", "--image", site.image("v2"), *configured(SLOWLY), "-o", "json")
    doomed = site.start(*arguments)
    wait_for(doomed, "one_shot_started")
    doomed.kill()
    doomed.communicate()
    assert len(side_services(site)) >= 1
    run = site.rollout("deploy", "php", "--image", site.image("v2"), *QUICK, *configured(SMOKE))
    assert run.returncode == 0, said(run)
    assert "left behind" in run.stderr, said(run)
    assert side_services(site) == []
