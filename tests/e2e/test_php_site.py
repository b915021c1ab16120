"""The main job: a new php-fpm image on a real three-node Swarm, under load."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest
from e2e.conftest import Observer, Site, events_of

from rollout import spec

pytestmark = pytest.mark.lab

QUICK = ("--min-ready", "1s", "--bake", "3s")
PROBE = ("--probe", "http://127.0.0.1:8080/")


def said(run: subprocess.CompletedProcess[str]) -> str:
    return f"exit {run.returncode}\n{run.stdout}\n{run.stderr}"


def test_a_good_release_loses_no_request_and_no_session(site: Site, observer: Observer):
    image = site.image("v2")
    with site.users() as users:
        time.sleep(1)
        run = site.rollout("deploy", "php", "--image", image, *PROBE, *QUICK)
        time.sleep(2)
    assert run.returncode == 0, said(run)
    assert users.summary.failed == 0, users.summary.failures
    assert users.summary.sessions_lost == 0
    assert users.summary.sent >= 60 * 5
    assert observer.most_in_motion == 1
    pinned = spec.image(site.php.spec)
    assert pinned.digest is not None
    assert [task.image for task in site.running()] == [pinned] * 4


def test_a_release_that_answers_500_is_taken_back_with_almost_no_harm(site: Site, observer: Observer):
    before = site.php.spec
    image = site.image("bad500", "error500")
    with site.users() as users:
        time.sleep(5)
        run = site.rollout("deploy", "php", "--image", image, *PROBE, *QUICK)
        time.sleep(10)
    assert run.returncode == 3, said(run)
    assert "HTTP 500" in run.stdout + run.stderr
    assert site.tags_running() == ["v1"] * 4
    assert spec.same(site.php.spec, before)
    assert observer.replicas_that_ran("bad500") == 1
    assert users.summary.failed / users.summary.sent < 0.06, users.summary.failures  # 0.03 on a quiet machine


def test_a_release_that_crashes_is_taken_back_and_its_last_words_are_shown(site: Site):
    run = site.rollout("deploy", "php", "--image", site.image("crashing", "crash"), "--min-ready", "5s")
    assert run.returncode == 3, said(run)
    assert "exit code" in run.stdout
    assert "PHP Fatal error" in run.stdout
    assert site.tags_running() == ["v1"] * 4


def test_a_release_that_never_gets_healthy_ends_at_the_start_timeout(site: Site):
    image = site.image("sickly", "never-healthy")
    with site.users() as users:
        run = site.rollout("deploy", "php", "--image", image, "--start-timeout", "6s", *QUICK)
    assert run.returncode == 3, said(run)
    assert "after 6s" in run.stdout
    assert site.tags_running() == ["v1"] * 4
    assert users.summary.failed == 0, users.summary.failures


def test_an_image_that_does_not_exist_changes_nothing(site: Site):
    before = site.php.version
    run = site.rollout("deploy", "php", "--tag", "never-built")
    assert run.returncode == 5, said(run)
    assert "never-built" in run.stderr
    assert site.php.version == before


def test_the_running_digest_again_is_unchanged(site: Site):
    site.rollout("deploy", "php", "--tag", "v1", *QUICK)
    before = site.php.version
    run = site.rollout("deploy", "php", "--tag", "v1")
    assert run.returncode == 0, said(run)
    assert "unchanged" in run.stdout
    assert site.php.version == before


@pytest.mark.parametrize("command", [("plan", "php"), ("deploy", "php", "--dry-run")])
def test_a_plan_writes_nothing(site: Site, command: tuple[str, ...]):
    image = site.image("v2")
    before = site.php.version
    run = site.rollout(*command, "--image", image, *PROBE)
    assert run.returncode == 0, said(run)
    assert "patch-php-fpm:v2@sha256:" in run.stdout
    assert site.php.version == before


def test_a_killed_deployment_stands_still_and_the_next_one_finishes_it(site: Site):
    image = site.image("v2")
    with site.users() as users:
        doomed = site.start("deploy", "php", "--image", image, *QUICK, "-o", "json")
        wait_for(doomed, "step_passed")
        doomed.kill()
        doomed.communicate()
        time.sleep(5)
        left = sorted(map(str, site.tags_running()))
        run = site.rollout("deploy", "php", "--image", image, *PROBE, *QUICK)
    assert left in (["v1", "v1", "v1", "v2"], ["v1", "v1", "v2", "v2"])
    assert run.returncode == 0, said(run)
    assert "interrupted" in run.stderr
    assert site.tags_running() == ["v2"] * 4
    assert users.summary.failed == 0, users.summary.failures


def test_ctrl_c_holds_and_the_exit_code_is_that_of_the_signal(site: Site):
    image = site.image("v2")
    stopped = site.start("deploy", "php", "--image", image, "--min-ready", "3s", "-o", "json")
    wait_for(stopped, "step_started")
    stopped.send_signal(signal.SIGINT)
    rest, _ = stopped.communicate(timeout=30)
    outcome = events_of(rest)[-1]
    assert stopped.returncode == 130
    assert (outcome["event"], outcome["kind"]) == ("outcome", "held")
    assert "rollout resume" in outcome["hint"]
    assert site.rollout("deploy", "php", "--image", image, *QUICK).returncode == 0


@pytest.mark.long
def test_a_second_deployment_at_the_same_time_is_told_who_holds_the_lock(site: Site):
    image = site.image("v2")
    first = site.start("deploy", "php", "--image", image, *QUICK, "-o", "json")
    wait_for(first, "step_started")
    second = site.rollout("deploy", "php", "--image", image, *QUICK)
    rest, _ = first.communicate(timeout=120)
    assert second.returncode == 4, said(second)
    assert "is being deployed by" in second.stderr
    assert events_of(rest)[-1]["kind"] == "deployed"


def wait_for(process: subprocess.Popen[str], event: str) -> None:
    """Read JSON lines until an event has come."""
    assert process.stdout is not None
    for line in process.stdout:
        if f'"event": "{event}"' in line or f'"event":"{event}"' in line:
            return
    raise AssertionError(f"no {event}: {process.communicate()}")
