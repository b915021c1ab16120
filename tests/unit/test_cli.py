"""The command line as a stranger meets it: help, mistakes, exit codes, and what goes to which stream."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import pytest
import typer

from rollout import config
from rollout.cli.asked import Asked
from rollout.cli.asking import asks
from rollout.cli.interrupts import Interrupted, Interrupts
from rollout.cli.run import run, wants_json
from rollout.config.keys import KEYS, OMISSIONS
from rollout.errors import ExitCode
from rollout.model import OnStuck, Options
from rollout.rehearsal.faults import NAMES as FAULTS


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """An empty folder, and an engine that is not there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    for name in (
        "ROLLOUT_HOST",
        "ROLLOUT_CONFIG",
        "ROLLOUT_DEBUG",
        "ROLLOUT_NOTIFY",
        "DOCKER_CONTEXT",
        "DOCKER_CONFIG",
    ):
        monkeypatch.delenv(name, raising=False)


CHANGING = ("deploy", "undo", "restart", "promote", "resume", "abort")
LOOKING = ("plan", "check", "rehearse", "status", "history", "show", "lock", "notify", "lab")


@pytest.mark.parametrize("command", [*CHANGING, *LOOKING])
def test_each_command_explains_itself(command: str, capsys):
    assert run([command, "--help"]) == ExitCode.OK
    assert f"Usage: rollout {command}" in capsys.readouterr().out


def help_of(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "200")
    run([command, "--help"])
    return str(capsys.readouterr().out)


@pytest.mark.parametrize("command", ["deploy", "undo", "restart", "check", "plan", "rehearse"])
def test_every_setting_has_its_flag_and_its_meaning_in_the_help(command: str, capsys, monkeypatch):
    shown = help_of(command, capsys, monkeypatch)
    for key in KEYS:
        assert all(flag in shown for flag in key.flags)
        assert key.meaning in shown
    assert all(omission.flag in shown for omission in OMISSIONS)


def test_the_help_tells_defaults_and_what_a_time_is(capsys, monkeypatch):
    shown = help_of("deploy", capsys, monkeypatch)
    assert "before it counts. [default: 5s]" in shown
    assert "[default: 30m]" in shown
    assert "TIME is a number with a unit: 500ms, 30s" in shown
    assert "ROLLOUT_MIN_READY" in shown


@pytest.mark.parametrize("command", ["deploy", "credentials refresh", "lab up", "show", "lock show"])
def test_the_help_is_not_written_for_programmers(command: str, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    run([*command.split(), "--help"])
    shown = capsys.readouterr().out
    for noise in ("<bool>", "<str>", "<list", "[[SERVICE"):
        assert noise not in shown


def test_the_help_names_every_fault_that_can_be_rehearsed(capsys, monkeypatch):
    shown = help_of("rehearse", capsys, monkeypatch)
    assert [name for name in FAULTS if name not in shown] == []


def test_the_help_groups_the_flags_in_the_order_of_a_readers_questions(capsys, monkeypatch):
    shown = help_of("deploy", capsys, monkeypatch)
    panels = (
        "What to deploy",
        "How carefully",
        "What is checked before",
        "When it does not go well",
        "Where and how",
    )
    assert sorted(panels, key=shown.index) == list(panels)
    assert shown.index("When it does not go well") < shown.index("--on-stuck") < shown.index("Where and how")
    assert shown.index("Where and how") < shown.index("--keep")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """What reaches a command that takes nothing but what was asked."""
    heard: list[Asked] = []
    app = typer.Typer()

    @app.command()
    @asks
    def listen(asked: Asked, loud: bool = False) -> int:
        heard.append(asked)
        return 0

    monkeypatch.setattr("rollout.cli.app.app", app)
    return heard


def test_what_was_typed_reaches_the_command_under_the_names_of_the_settings(typed: list[Asked]):
    run(["php", "--tag", "2", "--batch", "25%", "--probe", "http://a", "--probe", "http://b", "--no-smoke"])
    (asked,) = typed
    assert (asked.service, asked.image, asked.tag, asked.force) == ("php", None, "2", False)
    given = {name: found for name, found in asked.flags.items() if found}
    assert given == {"batch": "25%", "probe": ["http://a", "http://b"], "no_smoke": True}


@pytest.mark.parametrize(
    ("arguments", "heard"), [(["--fast-health"], True), (["--no-fast-health"], False), ([], None)]
)
def test_a_switch_is_on_off_or_not_mentioned(typed: list[Asked], arguments: list[str], heard: bool | None):
    run(["php", *arguments])
    assert typed[0].flags["fast_health"] is heard


def test_what_was_typed_is_understood_by_the_configuration(typed: list[Asked]):
    run(["php", "--no-fast-health", "--on-stuck", "rollback", "--impact-rate", "2", "--gate-timeout", "1m"])
    options = config.settings(typed[0].flags, {}, None, "php", {}, {}).options
    assert options == Options(
        fast_health=False, on_stuck=OnStuck.ROLLBACK, impact_rate=2.0, gate_timeout=60.0
    )


def completions(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the shell would offer at the end of a line."""
    monkeypatch.setenv("_ROLLOUT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    run([])
    return str(capsys.readouterr().out).split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("rollout deploy php --on-stuck ", ["hold", "rollback"]),
        ("rollout plan php --order st", ["start-first", "stop-first"]),
        ("rollout plan php --strategy ro", ["rolling"]),
        ("rollout deploy php --gate", ["--gate-timeout"]),
        ("rollout deploy php --ignore-checks no-p", ["no-probe"]),
        ("rollout deploy php --ignore-checks mutable-tag,no-p", ["mutable-tag,no-probe"]),
    ],
)
def test_the_shell_completes_flags_and_their_words(line: str, offered: list[str], monkeypatch, capsys):
    assert completions(line, monkeypatch, capsys) == offered


def test_the_heavy_libraries_wait_until_a_command_runs():
    code = (
        "import rollout.cli.app, sys; print({'docker', 'rich', 'requests', 'urllib3'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


LATE = (
    *("docker", "requests", "urllib3", "boto3", "apprise", "prometheus_client", "ssl", "http.client"),
    *("rollout.lab", "rollout.preflight", "rollout.sim", "rollout.swarm", "rollout.rehearsal", "strategies"),
)


def test_without_an_engine_the_names_in_the_file_are_completed(tmp_path, monkeypatch, capsys):
    (tmp_path / "rollout.toml").write_text("[services.php]\n[services.nginx]\n")
    assert completions("rollout deploy ", monkeypatch, capsys) == ["nginx", "php"]
    assert completions("rollout deploy p", monkeypatch, capsys) == ["php"]


def test_nobody_waits_at_the_shell_for_an_engine_that_says_nothing(tmp_path, monkeypatch, capsys):
    (tmp_path / "rollout.toml").write_text("[services.php]\n")
    monkeypatch.setattr("rollout.cli.complete.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        assert completions("rollout deploy ", monkeypatch, capsys) == ["php"]
        assert completions("rollout show php ", monkeypatch, capsys) == []
        assert time.monotonic() - began < 5.0  # the engine is given 30 s otherwise


def imported_for(*arguments: str) -> set[str]:
    """The modules that the program imports for a command line."""
    command = [sys.executable, "-X", "importtime", "-m", "rollout", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["deploy", "--help"], ["lab", "--help"]])
def test_what_only_explains_itself_waits_for_nothing_that_it_does_not_need(arguments: list[str]):
    imported = imported_for(*arguments)
    assert "rollout.cli" in imported
    assert {
        name for name in imported for late in LATE if name == late or name.startswith(f"{late}.")
    } == set()


def test_the_version_costs_no_imports():
    assert {name for name in imported_for("--version") if name.startswith(("rollout.", "typer"))} == {
        "rollout.cli"
    }


def test_the_help_names_every_exit_code(capsys):
    run(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "3 rolled back" in shown
    assert "6 held" in shown
    assert "10 something to do" in shown
    assert "130, 143 stopped by Ctrl-C or SIGTERM" in shown


def test_the_version_is_told(capsys):
    assert run(["--version"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("rollout 0.")


@pytest.mark.parametrize("arguments", [["deploy"], ["deploy", "php", "--frobnicate"], ["depoly", "php"]])
def test_a_command_that_cannot_be_understood_exits_2(arguments: list[str]):
    assert run(arguments) == ExitCode.USAGE


@pytest.mark.parametrize("arguments", [[], ["lock"], ["notify"], ["credentials"], ["lab"]])
def test_without_a_command_the_help_is_shown_and_nothing_is_a_success(arguments: list[str], capsys):
    assert run(arguments) == ExitCode.USAGE
    said = capsys.readouterr()
    assert "Usage: rollout" in said.out + said.err
    assert "Traceback" not in said.err


def test_what_comes_after_two_dashes_is_left_to_the_command_that_is_run(monkeypatch, capsys):
    heard: list[str] = []
    monkeypatch.setattr("rollout.cli.run._invoke", heard.extend)
    run(["lab", "exec", "lab-n1", "--debug", "--", "docker", "--debug", "-o", "json"])
    assert heard == ["lab", "exec", "lab-n1", "--", "docker", "--debug", "-o", "json"]
    assert not wants_json(["lab", "exec", "lab-n1", "--", "docker", "-o", "json"])


@pytest.mark.parametrize(("command", "stops"), [("status", KeyboardInterrupt()), ("rehearse", None)])
def test_a_command_that_is_interrupted_says_in_json_what_the_shell_sees(command, stops, monkeypatch, capsys):
    def interrupt(*_: object) -> None:
        raise stops or Interrupted(signal.SIGINT, "stopped; nothing has been changed")

    monkeypatch.setattr("rollout.cli.ask.configuration", interrupt)
    assert run([command, "php", "-o", "json"]) == ExitCode.SIGINT
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["event"], last["kind"], last["exit_code"]) == ("error", "Stopped", 130)


@pytest.mark.parametrize("command", ["deploy", "plan", "check", "rehearse"])
@pytest.mark.parametrize("flag", ["--tag", "--image", "--host"])
def test_a_variable_that_is_unset_in_a_pipeline_is_not_taken_for_no_wish(command: str, flag: str, capsys):
    example = ["--example"] if command == "rehearse" and flag != "--host" else []
    assert run([command, "php", flag, "", *example]) == ExitCode.USAGE
    assert f"{flag} is empty: is the variable unset" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flag", "given", "fit"),
    [
        ("--image", "UPPER CASE", False),
        ("--image", "Shop/PHP:2", False),
        ("--image", "shop/php:", False),
        ("--image", "shop//php", False),
        ("--tag", "2.7.0 ", False),
        ("--tag", ":2", False),
        ("--image", "Registry.Example.ORG:5000/shop/my_php-fpm:2.7.0-rc.1", True),
        ("--image", "[::1]:5000/php@sha256:0123abcd", True),
        ("--tag", "2.7.0-rc.1_a", True),
    ],
)
def test_what_can_be_no_image_is_refused_before_the_engine_is_asked(flag: str, given: str, fit: bool, capsys):
    ended = run(["deploy", "php", flag, given])
    said = capsys.readouterr().err
    assert ended == (ExitCode.REFUSED if fit else ExitCode.USAGE)
    assert (f'{flag} is "{given}", not a' in said) is not fit


def test_without_an_engine_the_ways_to_another_one_are_named(capsys):
    run(["rehearse", "php"])
    hint = capsys.readouterr().err.partition("hint:")[2]
    assert "systemctl status docker" in hint
    assert "--host or DOCKER_HOST names another engine" in hint
    assert "`rollout rehearse --example` needs no engine" in hint


def test_our_own_examples_of_addresses_can_be_copied(capsys):
    run(["status", "--host", "nonsense"])
    assert 'such as "ssh://deploy@manager"' in capsys.readouterr().err


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
        Interrupts("php")._hear(signal.SIGINT, None)
    assert raised.value.exit_code == 130


def test_a_first_signal_under_way_asks_to_hold_and_a_second_ends_at_once():
    interrupts = Interrupts("php")
    assert interrupts.pending() is None
    interrupts._hear(signal.SIGTERM, None)
    assert interrupts.pending() == signal.SIGTERM
    with pytest.raises(Interrupted, match="`rollout abort php` goes back") as raised:
        interrupts._hear(signal.SIGTERM, None)
    assert raised.value.exit_code == 143
