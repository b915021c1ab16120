"""Notifications as a stranger meets them on the command line. The engine is not there."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from receivers import receiving

from rollout.cli.interrupts import Interrupted
from rollout.cli.run import run
from rollout.errors import ExitCode
from rollout.notify.teller import Teller


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder, and an engine that is not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    for name in (
        "ROLLOUT_HOST",
        "ROLLOUT_CONFIG",
        "ROLLOUT_NOTIFY",
        "ROLLOUT_NOTIFY_SECRET",
        "DOCKER_CONTEXT",
    ):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_a_test_message_is_sent_and_its_arrival_is_told(monkeypatch, capsys):
    with receiving() as receiver:
        monkeypatch.setenv("ROLLOUT_NOTIFY", receiver.url)
        assert run(["notify", "test"]) == ExitCode.OK
    assert capsys.readouterr().out == f"✓ webhook 127.0.0.1:{receiver.port}: delivered\n"
    assert receiver.requests[0].said["event"] == "test"


def test_a_test_message_that_does_not_arrive_fails_the_command(monkeypatch, capsys):
    with receiving(404) as refusing, receiving() as well:
        monkeypatch.setenv("ROLLOUT_NOTIFY", f"{refusing.url} {well.url}")
        assert run(["notify", "test", "-o", "json"]) == ExitCode.FAILED
    channels = json.loads(capsys.readouterr().out)["channels"]
    assert [(one["delivered"], one["error"]) for one in channels] == [
        (False, "it answers HTTP 404"),
        (True, ""),
    ]


def test_whoever_tests_is_not_sent_to_the_test(monkeypatch, capsys):
    monkeypatch.setenv("ROLLOUT_NOTIFY", "nonsense")
    assert run(["notify", "test"]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "is no address" in said
    assert "docs/notifications.md" in said
    assert "rollout notify test" not in said


def test_a_test_needs_somebody_to_tell(capsys):
    assert run(["notify", "test"]) == ExitCode.USAGE
    assert "ROLLOUT_NOTIFY" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["deploy", "php"], ["undo", "php"], ["restart", "php"], ["notify", "test"]]
)
def test_a_bad_address_is_refused_before_the_engine_is_asked(command: list[str], nowhere: Path, capsys):
    (nowhere / "rollout.toml").write_text('[notify]\nurls = ["slakc://hunter2hunter2"]\n')
    assert run(command) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "address 1 in [notify] urls begins with slakc://" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("command", ["deploy", "undo", "restart"])
def test_a_refusal_is_told(command: str, monkeypatch, capsys):
    with receiving() as receiver:
        monkeypatch.setenv("ROLLOUT_NOTIFY", receiver.url)
        assert run([command, "php"]) == ExitCode.REFUSED
    (request,) = receiver.requests
    assert (request.said["event"], request.said["service"]) == ("refused", "php")
    assert "warning:" not in capsys.readouterr().err


def test_what_nobody_asked_for_is_not_told(monkeypatch, nowhere: Path):
    (nowhere / "rollout.toml").write_text('[notify]\non = ["failed"]\n')
    with receiving() as receiver:
        monkeypatch.setenv("ROLLOUT_NOTIFY", receiver.url)
        assert run(["deploy", "php"]) == ExitCode.REFUSED
    assert receiver.requests == []


@pytest.mark.parametrize(("status", "reason"), [(500, "it answers HTTP 500"), (0, "no answer within")])
def test_a_receiver_in_trouble_costs_a_line_and_not_the_exit_code(
    status, reason, monkeypatch, nowhere, capsys
):
    (nowhere / "rollout.toml").write_text('[notify]\ntimeout = "500ms"\n')
    began = time.monotonic()
    with receiving(status) as receiver:
        monkeypatch.setenv("ROLLOUT_NOTIFY", receiver.url)
        assert run(["deploy", "php"]) == ExitCode.REFUSED
        assert time.monotonic() - began < 5.0
    warnings = [line for line in capsys.readouterr().err.splitlines() if line.startswith("warning:")]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"warning: webhook 127.0.0.1:{receiver.port} was not told: {reason}")
    assert "/hook" not in warnings[0]


def test_a_mistake_of_ours_is_told_as_a_failure(monkeypatch):
    def broken(*_: object) -> None:
        raise KeyError("php")

    monkeypatch.setattr("rollout.cli.wiring.open_world", broken)
    with receiving() as receiver:
        monkeypatch.setenv("ROLLOUT_NOTIFY", receiver.url)
        assert run(["deploy", "php"]) == ExitCode.FAILED
    assert receiver.requests[0].said["event"] == "failed"
    assert "unforeseen" in receiver.requests[0].said["text"]


def test_ctrl_c_while_it_waits_for_a_receiver_does_not_change_the_exit_code(monkeypatch, capsys):
    def impatient(_teller: Teller) -> tuple[str, ...]:
        raise Interrupted(signal.SIGINT, "stopped at once")

    monkeypatch.setattr("rollout.notify.teller.Teller.missed", impatient)
    assert run(["deploy", "php"]) == ExitCode.REFUSED
    assert "stopped at once" not in capsys.readouterr().err


def test_what_is_stopped_at_once_waits_for_nobody(monkeypatch):
    def stopped(*_: object) -> None:
        raise Interrupted(signal.SIGTERM, "stopped; nothing has been changed")

    monkeypatch.setattr("rollout.cli.wiring.open_world", stopped)
    with receiving() as receiver:
        monkeypatch.setenv("ROLLOUT_NOTIFY", receiver.url)
        assert run(["deploy", "php"]) == ExitCode.SIGTERM
    assert receiver.requests == []
