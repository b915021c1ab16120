"""The command line as a stranger meets it: help, mistakes, exit codes, and what goes to which stream."""

from __future__ import annotations

import json
import signal

import pytest

from rollout.cli.interrupts import Interrupted, Interrupts
from rollout.cli.run import run, wants_json
from rollout.errors import ExitCode


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """An empty folder, and an engine that is not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    for name in ("ROLLOUT_HOST", "ROLLOUT_CONFIG", "ROLLOUT_DEBUG", "DOCKER_CONTEXT", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("command", ["deploy", "plan", "status", "lab"])
def test_each_command_explains_itself(command: str, capsys):
    assert run([command, "--help"]) == ExitCode.OK
    assert f"Usage: rollout {command}" in capsys.readouterr().out


def test_the_help_names_every_exit_code(capsys):
    run(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "3 rolled back" in shown
    assert "6 held" in shown


def test_the_version_is_told(capsys):
    assert run(["--version"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("rollout 0.")


@pytest.mark.parametrize("arguments", [["deploy"], ["deploy", "php", "--frobnicate"], ["depoly", "php"]])
def test_a_command_that_cannot_be_understood_exits_2(arguments: list[str]):
    assert run(arguments) == ExitCode.USAGE


def test_an_engine_that_is_not_there_is_one_sentence_and_a_way_out(capsys):
    assert run(["deploy", "php"]) == ExitCode.REFUSED
    said = capsys.readouterr()
    assert said.out == ""
    assert "cannot reach the engine" in said.err
    assert "hint:" in said.err
    assert "Traceback" not in said.err


def test_with_json_the_error_is_the_last_line_on_stdout(capsys):
    run(["deploy", "php", "-o", "json"])
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["event"], last["kind"], last["exit_code"]) == ("error", "EngineUnavailable", 5)


def test_debug_shows_the_traceback():
    with pytest.raises(Exception, match="cannot reach the engine"):
        run(["deploy", "php", "--debug"])


def test_a_mistake_in_the_file_is_named_before_the_engine_is_asked(tmp_path, capsys):
    (tmp_path / "rollout.toml").write_text('[defaults]\nmin_redy = "1s"\n')
    assert run(["deploy", "php"]) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "rollout.toml, line 2" in said
    assert "min_ready" in said


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["deploy", "php", "-o", "json"], True),
        (["deploy", "php", "--output=json"], True),
        (["deploy", "-ojson"], True),
        (["deploy", "json", "-o", "text"], False),
        (["deploy", "php", "-o"], False),
    ],
)
def test_json_is_recognised_however_it_is_asked_for(arguments: list[str], wanted: bool):
    assert wants_json(arguments) is wanted


def test_a_signal_before_anything_is_touched_ends_at_once():
    with pytest.raises(Interrupted, match="nothing has been changed") as raised:
        Interrupts()._hear(signal.SIGINT, None)
    assert raised.value.exit_code == 130


def test_a_first_signal_under_way_asks_to_hold_and_a_second_ends_at_once():
    interrupts = Interrupts()
    assert interrupts.pending() is None
    interrupts._hear(signal.SIGTERM, None)
    assert interrupts.pending() == signal.SIGTERM
    with pytest.raises(Interrupted) as raised:
        interrupts._hear(signal.SIGTERM, None)
    assert raised.value.exit_code == 143
