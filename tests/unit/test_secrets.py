"""What may be a secret is not shown, wherever in a spec or a link it stands."""

from __future__ import annotations

import json

import pytest

from rollout.model import Change
from rollout.render.redact import shown
from rollout.secrets import HIDDEN, public_link, without_secrets

CONTAINER = "TaskTemplate.ContainerSpec"


def look(path: str, value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    before, after = shown(Change(path, None, text))
    assert before is None
    assert after is not None
    return after


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{CONTAINER}.Args", ["worker", "--db-password", "hunter2", "--verbose"]),
        (f"{CONTAINER}.Args", ["--redis", "redis://:hunter2@redis:6379"]),
        (f"{CONTAINER}.Args", ["--api-key=hunter2", "--verbose"]),
        (f"{CONTAINER}.Command", ["sh", "-c", "MYSQL_PWD=hunter2 run"]),
        (f"{CONTAINER}.Command", ["curl", "-u", "admin:hunter2", "http://x/"]),
        (f"{CONTAINER}.Healthcheck.Test", ["CMD-SHELL", "curl -fsu admin:hunter2 http://localhost/"]),
        (f"{CONTAINER}.Healthcheck.Test", ["CMD-SHELL", "curl --user admin:hunter2 http://localhost/"]),
        ("Labels.traefik.http.middlewares.a.basicauth.users", "admin:hunter2"),
        ("Labels.com.example.token.value", "hunter2"),
        ("Labels.url", "https://ann:hunter2@host/"),
        ("TaskTemplate.LogDriver.Options.splunk-token", "hunter2"),
    ],
)
def test_what_goes_by_the_name_of_a_secret_is_hidden_argument_by_argument(path: str, value: object):
    assert "hunter2" not in look(path, value)


@pytest.mark.parametrize("key", ["AKIAABCDEFGHIJKLMNOP", "ghp_abcdefghijklmnopqrstuvwxyz"])
def test_what_looks_like_a_key_is_hidden_whatever_its_name(key: str):
    assert look("Labels.harmless", f"see {key}") == f"see {HIDDEN}"
    assert key not in look(f"{CONTAINER}.Args", ["--id", key])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{CONTAINER}.Args", ["worker", "--verbose", "--queue", "mails"]),
        (f"{CONTAINER}.Command", ["su", "-u", "1000:1000"]),
        (f"{CONTAINER}.User", "1000:1000"),
        (f"{CONTAINER}.Dir", "/srv/pwd"),
        (f"{CONTAINER}.Secrets", [{"SecretName": "db_password"}]),
        ("Labels.team", "red"),
        ("TaskTemplate.Placement.Constraints", ["node.role == worker"]),
    ],
)
def test_what_is_no_secret_is_shown_as_it_is(path: str, value: object):
    assert look(path, value) == (value if isinstance(value, str) else json.dumps(value))


def test_what_stands_beside_a_secret_argument_is_shown():
    assert look(f"{CONTAINER}.Args", ["--token", "t", "--verbose"]) == json.dumps(
        ["--token", HIDDEN, "--verbose"]
    )


def test_a_command_line_is_shown_without_its_login():
    assert without_secrets("curl -u ann:pw http://x/") == f"curl -u {HIDDEN} http://x/"


@pytest.mark.parametrize(
    ("link", "left"),
    [
        ("https://ci:pw@jenkins/job/7?token=abc", "https://jenkins/job/7"),
        ("https://bitbucket.org/a/b/addon/pipelines/home#!/results/12",) * 2,
        ("https://ci/7#access_token=abc", f"https://ci/7#access_token={HIDDEN}"),
        ("http://[broken", HIDDEN),
        ("", ""),
    ],
)
def test_a_link_to_a_pipeline_has_neither_login_nor_query(link: str, left: str):
    assert public_link(link) == left
