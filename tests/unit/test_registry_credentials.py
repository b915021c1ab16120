"""Logins from docker's config.json; and nothing of them where it does not belong."""

from __future__ import annotations

import base64
import json
import logging
import os
import traceback
import warnings
from pathlib import Path
from typing import Any

import pytest

from rollout.errors import RegistryDenied
from rollout.model import Image
from rollout.registry import credentials

REGISTRY = "registry.example:5000"
APP = Image(f"{REGISTRY}/app", "1")
SECRET = "geheim"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def configure(folder: Path, **config: Any) -> None:
    (folder / "config.json").write_text(json.dumps(config))


def helper(folder: Path, script: str, name: str = "test") -> None:
    program = folder / f"docker-credential-{name}"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def auth(user: str = "ci") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{SECRET}".encode()).decode()}


def login(image: Image = APP) -> dict[str, Any] | None:
    """The header's content, its keys in lower case as Go reads them."""
    header = credentials.header(image)
    if header is None:
        return None
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(header))
    return {key.lower(): value for key, value in found.items()}


def test_no_config_no_login(folder: Path) -> None:
    assert login() is None


def test_login_elsewhere_is_none_here(folder: Path) -> None:
    configure(folder, auths={"other.example": auth()})
    assert login() is None


def test_login_in_the_file(folder: Path) -> None:
    configure(folder, auths={REGISTRY: auth()})
    found = login()
    assert found
    assert (found["username"], found["password"], found["serveraddress"]) == ("ci", SECRET, REGISTRY)


def test_docker_hub(folder: Path) -> None:
    configure(folder, auths={"https://index.docker.io/v1/": auth("hub")})
    for name in ("nginx", "library/nginx", "docker.io/library/nginx"):
        found = login(Image(name))
        assert found, name
        assert found["username"] == "hub"


def test_file_is_read_anew(folder: Path) -> None:
    assert login() is None
    configure(folder, auths={REGISTRY: auth()})
    assert login() is not None


@pytest.mark.parametrize("config", [{"credHelpers": {REGISTRY: "test"}}, {"credsStore": "test"}])
def test_helper(folder: Path, config: dict[str, Any]) -> None:
    configure(folder, **config)
    helper(folder, f"""read server; echo '{{"ServerURL":"x","Username":"AWS","Secret":"{SECRET}"}}'""")
    found = login()
    assert found
    assert (found["username"], found["password"]) == ("AWS", SECRET)


def test_helper_with_an_identity_token(folder: Path) -> None:
    configure(folder, credsStore="test")
    helper(folder, f"""echo '{{"Username":"<token>","Secret":"{SECRET}"}}'""")
    found = login()
    assert found
    assert found["identitytoken"] == SECRET


def test_helper_that_knows_nothing(folder: Path) -> None:
    configure(folder, credsStore="test")
    helper(folder, "echo credentials not found in native keychain; exit 1")
    assert login() is None


FAILING = {
    "says no": f"echo 'cannot unlock {SECRET}'; exit 1",
    "talks rubbish": f"echo '{SECRET}'",
    "forgets the password": f"""echo '{{"Username":"{SECRET}"}}'""",
}


@pytest.mark.parametrize("script", FAILING.values(), ids=FAILING.keys())
def test_failing_helper(folder: Path, script: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    configure(folder, credHelpers={REGISTRY: "test"})
    helper(folder, script)
    with pytest.raises(RegistryDenied, match=f"the login for {REGISTRY} cannot be read") as caught:
        credentials.header(APP)
    assert "docker-credential-test" in caught.value.hint
    assert_secret_is_kept(caught.value, caplog)


def test_missing_helper(folder: Path) -> None:
    configure(folder, credHelpers={REGISTRY: "nowhere"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RegistryDenied) as caught:
            credentials.header(APP)
    assert "docker-credential-nowhere" in caught.value.hint


BROKEN = {
    "plain": {"auth": SECRET},
    "no colon": {"auth": base64.b64encode(SECRET.encode()).decode()},
    "number": {"auth": 7},
    "no object": SECRET,
    "no ascii": {"auth": SECRET + "\u00e9"},
}


@pytest.mark.parametrize("entry", BROKEN.values(), ids=BROKEN.keys())
def test_broken_entry(folder: Path, entry: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    configure(folder, auths={REGISTRY: entry})
    with pytest.raises(RegistryDenied) as caught:
        credentials.header(APP)
    assert f"docker login {REGISTRY}" in caught.value.hint
    assert_secret_is_kept(caught.value, caplog)


def assert_secret_is_kept(error: RegistryDenied, caplog: pytest.LogCaptureFixture) -> None:
    assert error.__cause__ is None
    assert error.__context__ is None
    told = error.message + error.hint + "".join(traceback.format_exception(error)) + caplog.text
    assert SECRET not in told


@pytest.mark.parametrize(
    ("image", "registry", "hint"),
    [
        ("nginx", "docker.io", "docker login"),
        ("registry.example/a/b", "registry.example", "docker login registry.example"),
        ("localhost:5000/x", "localhost:5000", "docker login localhost:5000"),
        (
            "637345297332.dkr.ecr.eu-west-1.amazonaws.com/patch-php-fpm",
            "637345297332.dkr.ecr.eu-west-1.amazonaws.com",
            "aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin "
            "637345297332.dkr.ecr.eu-west-1.amazonaws.com",
        ),
    ],
)
def test_way_to_log_in(image: str, registry: str, hint: str) -> None:
    assert credentials.registry_of(Image(image)) == registry
    assert credentials.login_hint(registry) == hint
