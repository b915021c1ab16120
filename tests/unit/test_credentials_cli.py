"""What `rollout credentials refresh` says of each service, and its exit code."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from sim.conftest import Stage

from rollout.cli.credentials import _exit_code
from rollout.cli.run import run
from rollout.errors import ExitCode
from rollout.refreshing import Refreshed, Renewal
from rollout.render.credentials import refreshed_json, refreshed_lines
from rollout.render.text import text_of
from rollout.sim import Behaviour

GOOD = Refreshed("site_php", Renewal.RENEWED, "good until 2026-03-02 21:04 UTC")
NONE = Refreshed("redis", Renewal.NO_LOGIN, "there is no login here for redis")
LOCKED = Refreshed("site_php", Renewal.LOCKED, "site_php is being deployed by ann@desk")
LEFT = Refreshed("site_php", Renewal.LEFT_ALONE, "a deployment is unfinished", "`rollout status site_php`")


@pytest.mark.parametrize(
    ("found", "every", "code"),
    [
        ([GOOD], False, ExitCode.OK),
        ([GOOD, NONE], True, ExitCode.OK),
        ([GOOD, NONE], False, ExitCode.REFUSED),
        ([GOOD, LOCKED], True, ExitCode.LOCKED),
        ([LOCKED, LEFT], True, ExitCode.REFUSED),
    ],
)
def test_the_exit_code_says_whether_all_have_it(found, every, code):
    assert _exit_code(found, every) == code


def test_a_line_a_service():
    assert [text_of(told) for told in refreshed_lines([GOOD, LEFT])] == [
        "site_php: renewed, good until 2026-03-02 21:04 UTC",
        "site_php: left alone, a deployment is unfinished; `rollout status site_php`",
    ]


def test_json():
    (one,) = refreshed_json([LEFT])["services"]
    assert (one["service"], one["result"]) == ("site_php", "left_alone")


def services(monkeypatch, stage, *images: str) -> None:
    for number, image in enumerate(images):
        stage.swarm.images[image] = Behaviour()
        stage.swarm.create_service(f"site{number}", image, 1)
    monkeypatch.setattr("rollout.cli.wiring.open_world", lambda _host, _sink: stage.world)
    monkeypatch.setattr("rollout.cli.screen.screen", lambda **_: nullcontext())
    monkeypatch.setenv("ROLLOUT_REGISTRY_USER", "robot")
    monkeypatch.setenv("ROLLOUT_REGISTRY_PASSWORD", "geheim")


def test_a_password_is_not_shown_to_several_registries(monkeypatch, capsys):
    services(monkeypatch, Stage(), "registry.example/app:1", "ghcr.io/app:1", "redis:7")
    assert run(["credentials", "refresh", "--all"]) == ExitCode.USAGE
    assert "set ROLLOUT_REGISTRY to one of them" in capsys.readouterr().err
    monkeypatch.setenv("ROLLOUT_REGISTRY", "ghcr.io")
    assert run(["credentials", "refresh", "--all"]) == ExitCode.OK


def test_half_a_login_is_a_mistake_and_no_services_fault(monkeypatch, capsys):
    services(monkeypatch, Stage(), "registry.example/app:1")
    monkeypatch.delenv("ROLLOUT_REGISTRY_PASSWORD")
    assert run(["credentials", "refresh", "--all"]) == ExitCode.USAGE
    assert "only one is set" in capsys.readouterr().err


def test_services_from_docker_hub_come_last(monkeypatch, capsys):
    services(monkeypatch, Stage(), "redis:7", "registry.example/app:1")
    run(["credentials", "refresh", "--all"])
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["site1", "site0"]


@pytest.mark.parametrize("arguments", [(), ("php", "--all")])
def test_which_services_has_to_be_said(arguments, monkeypatch, capsys):
    monkeypatch.setattr("rollout.cli.wiring.reach", lambda _host: None)
    assert run(["credentials", "refresh", *arguments]) == ExitCode.USAGE
    assert "name them, or say --all" in capsys.readouterr().err
