"""What `rollout credentials refresh` says of each service, and its exit code."""

from __future__ import annotations

import pytest

from rollout.cli.credentials import _exit_code
from rollout.cli.run import run
from rollout.errors import ExitCode
from rollout.refreshing import Refreshed, Renewal
from rollout.render.credentials import refreshed_json, refreshed_lines
from rollout.render.text import text_of

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


@pytest.mark.parametrize("arguments", [(), ("php", "--all")])
def test_which_services_has_to_be_said(arguments, monkeypatch, capsys):
    monkeypatch.setattr("rollout.cli.wiring.reach", lambda _host: None)
    assert run(["credentials", "refresh", *arguments]) == ExitCode.USAGE
    assert "name them, or say --all" in capsys.readouterr().err
