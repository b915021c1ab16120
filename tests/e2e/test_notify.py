"""Somebody is told of a bad release on a real Swarm, and a receiver in trouble changes nothing about it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import receivers
from e2e.conftest import Site, events_of

pytestmark = pytest.mark.lab

PORT = 18999
HOOK = f"http://127.0.0.1:{PORT}/hook"
RECEIVER = str(Path(receivers.__file__))
QUICK = ("--min-ready", "1s", "--bake", "3s", "-o", "json")
PROBE = ("--probe", "http://127.0.0.1:8080/")
TIMEOUT = 9.0
"""Seconds that a message may take: a deployment that waited for one would take as much longer."""
ALIKE = 6.0
"""Seconds by which two deployments of the same release may differ on a real Swarm that is busy."""


@contextmanager
def receiver(site: Site, behaviour: str) -> Iterator[subprocess.Popen[str]]:
    """A receiver in node 1's network, where rollout runs."""
    process = site.lab.node(1).popen([sys.executable, RECEIVER, str(PORT), behaviour], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()


def received(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """All that came, once the receiver has been stopped."""
    process.kill()
    text, _ = process.communicate()
    return [json.loads(line)["body"] for line in text.splitlines()]


def outcome_of(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return events_of(run.stdout)[-1]


def test_a_bad_release_is_told_once_with_its_cause(site: Site):
    with receiver(site, "200") as process:
        run = site.rollout(
            "deploy", "php", "--image", site.image("bad500", "error500"), *PROBE, *QUICK, ROLLOUT_NOTIFY=HOOK
        )
        (told,) = received(process)
    assert run.returncode == 3, run.stderr
    assert (told["event"], told["service"]) == ("rolled_back", "site_php")
    assert "HTTP 500" in told["text"]
    assert any("RuntimeException" in line for line in told["outcome"]["cause"]["log"])
    assert "next: " in told["text"]
    assert told["outcome"]["seconds"] == outcome_of(run)["seconds"]
    assert "warning: webhook" not in run.stderr


@pytest.mark.long
def test_the_last_words_of_a_release_that_crashes_are_told(site: Site):
    with receiver(site, "200") as process:
        image = site.image("crashing", "crash")
        run = site.rollout("deploy", "php", "--image", image, "--min-ready", "5s", ROLLOUT_NOTIFY=HOOK)
        (told,) = received(process)
    assert run.returncode == 3, run.stderr
    assert any("PHP Fatal error" in line for line in told["outcome"]["cause"]["log"])
    assert "PHP Fatal error" in told["text"]


@pytest.mark.long
@pytest.mark.parametrize("behaviour", ["hang", "stopped", "500"])
def test_a_receiver_that_is_stopped_hangs_or_fails_changes_nothing(
    site: Site, tmp_path: Path, behaviour: str
):
    config = tmp_path / "rollout.toml"
    config.write_text(f'[notify]\non = ["started", "rolled_back"]\ntimeout = "{TIMEOUT:g}s"\n')
    image = site.image("bad500", "error500")
    bad = ("deploy", "php", "--image", image, *PROBE, *QUICK, "--config", str(config))
    quiet = outcome_of(site.rollout(*bad))
    with receiver(site, behaviour) if behaviour != "stopped" else nullcontext():
        began = time.monotonic()
        run = site.rollout(*bad, ROLLOUT_NOTIFY=HOOK)
        took = time.monotonic() - began
    outcome = outcome_of(run)
    assert run.returncode == 3, run.stderr
    assert outcome["seconds"] < quiet["seconds"] + ALIKE
    assert took - outcome["seconds"] < TIMEOUT + ALIKE
    assert "warning: webhook 127.0.0.1:18999 was not told" in run.stderr
