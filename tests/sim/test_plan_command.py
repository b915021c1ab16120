"""`rollout plan`, and `rollout deploy --plan`, as they are typed, on the simulated Swarm."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rollout.cli.run import run
from rollout.errors import ExitCode
from rollout.sim import Behaviour

STACK = {"com.docker.stack.namespace": "shop"}
QUICK = ["--image", "app:2", "--min-ready", "1s", "--bake", "2s"]


@pytest.fixture
def connected(stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The command line, with the simulated Swarm behind it; the folder of now is empty."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rollout.cli.wiring.open_world", lambda _host, sink: replace(stage.world, sink=sink))
    stage.serve(TaskTemplate={"ContainerSpec": {"Env": ["DB_PASSWORD=hunter2"]}})
    return stage


def test_the_exit_code_may_say_whether_there_is_something_to_do(connected, capsys):
    assert run(["plan", "site", *QUICK]) == ExitCode.OK
    assert run(["plan", "site", *QUICK, "--detailed-exitcode"]) == 10
    connected.deploy()
    assert run(["plan", "site", *QUICK, "--detailed-exitcode"]) == ExitCode.OK
    assert "there is nothing to do" in capsys.readouterr().out


def test_a_plan_is_kept_in_a_file_and_carried_out_from_it(connected, tmp_path, capsys):
    assert run(["plan", "site", *QUICK, "--batch", "2", "--out", "a.plan"]) == ExitCode.OK
    assert "rollout deploy --plan a.plan`" in capsys.readouterr().out
    assert run(["deploy", "--plan", "a.plan"]) == ExitCode.OK
    assert connected.images_running() == {"app:2"}
    assert connected.swarm.faults.services.count == 3  # two batches of two, and the last write


def test_a_plan_that_does_not_hold_any_more_is_refused(connected, capsys):
    run(["plan", "site", *QUICK, "--out", "a.plan"])
    connected.swarm.images["app:2"] = Behaviour()
    assert run(["deploy", "--plan", "a.plan"]) == ExitCode.REFUSED
    assert "the new image: planned app:2@sha256:" in capsys.readouterr().err
    assert connected.images_running() == {"app:1"}


def test_a_url_with_a_query_is_not_kept_and_has_to_be_given_again(connected, tmp_path, capsys):
    probe = ["--probe", "http://site/?key=s3cr3t"]
    run(["plan", "site", *QUICK, *probe, "--out", "a.plan"])
    assert "s3cr3t" not in (tmp_path / "a.plan").read_text()
    assert run(["deploy", "--plan", "a.plan"]) == ExitCode.REFUSED
    said = capsys.readouterr().err
    assert "the setting probes: changed" in said
    assert "give --probe again" in said
    assert run(["deploy", "--plan", "a.plan", *probe]) == ExitCode.OK


@pytest.mark.parametrize("word", [["--batch", "2"], ["--tag", "3"], ["--no-smoke"], ["blog"]])
def test_other_words_beside_a_plan_are_a_mistake(connected, capsys, word: list[str]):
    run(["plan", "site", *QUICK, "--out", "a.plan"])
    assert run(["deploy", *word, "--plan", "a.plan"]) == ExitCode.USAGE
    assert "is not what the plan in a.plan was made with" in capsys.readouterr().err


def test_a_plan_that_is_not_there_is_a_mistake(connected):
    assert run(["deploy", "--plan", "a.plan"]) == ExitCode.USAGE


def test_json_says_what_a_person_is_told(connected, capsys):
    run(["plan", "site", *QUICK, "-o", "json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["steps"], told["precedents"]) == ("release", [1, 2, 3, 4], 0)


def test_a_file_with_a_blank_in_its_name_is_quoted_where_it_is_to_be_typed(connected, capsys):
    run(["plan", "site", *QUICK, "--out", "a b.plan"])
    assert "rollout deploy --plan 'a b.plan'`" in capsys.readouterr().out


@pytest.mark.parametrize(("planned", "typed"), [("web", "shop_web"), ("shop_web", "web")])
def test_the_service_may_be_named_in_short_or_in_full_beside_a_plan(connected, planned: str, typed: str):
    connected.swarm.create_service("shop_web", "app:1", 2, Labels=STACK)
    assert run(["plan", planned, *QUICK, "--out", "a.plan"]) == ExitCode.OK
    assert run(["deploy", typed, "--plan", "a.plan"]) == ExitCode.OK
    assert run(["deploy", "site", "--plan", "a.plan"]) == ExitCode.USAGE
