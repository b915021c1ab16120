"""Logins from variables, docker's config.json and AWS; and nothing of them where it does not belong."""

from __future__ import annotations

import base64
import json
import logging
import os
import traceback
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rollout import registries
from rollout.errors import RegistryDenied, RegistryUnavailable, RolloutError, UsageError
from rollout.model import Image, Login
from rollout.registry import credentials, docker_config, ecr
from rollout.registry.account import Account

REGISTRY = "registry.example:5000"
APP = Image(f"{REGISTRY}/app", "1")
ECR = "637345297332.dkr.ecr.eu-west-1.amazonaws.com"
ECR_APP = Image(f"{ECR}/patch-php-fpm", "latest")
SECRET = "geheim"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(ecr, "installed", lambda: False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def find(image: Image = APP, **environ: str) -> Login | None:
    return credentials.find(registries.registry_of(image), environ, NOW)


def configure(folder: Path, **config: Any) -> None:
    (folder / "config.json").write_text(json.dumps(config))


def helper(folder: Path, script: str, name: str = "test") -> None:
    program = folder / f"docker-credential-{name}"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def auth(user: str = "ci") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{SECRET}".encode()).decode()}


def login(image: Image = APP, **environ: str) -> dict[str, Any] | None:
    """The header's content."""
    found = find(image, **environ)
    return json.loads(base64.urlsafe_b64decode(found.header)) if found else None


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
        find()
    assert "docker-credential-test" in caught.value.hint
    assert_secret_is_kept(caught.value, caplog)


def test_missing_helper(folder: Path) -> None:
    configure(folder, credHelpers={REGISTRY: "nowhere"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RegistryDenied) as caught:
            find()
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
        find()
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
    assert registries.registry_of(Image(image)) == registry
    assert registries.login_hint(registry) == hint


def test_helper_that_does_not_answer_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(folder, credHelpers={REGISTRY: "test"})
    helper(folder, "exec sleep 3")
    monkeypatch.setattr(docker_config, "HELPER_SECONDS", 0.2)
    with pytest.raises(RegistryDenied, match=r"no answer within 0\.2s") as caught:
        find()
    assert "docker-credential-test" in caught.value.hint


VARIABLES = {credentials.USER: "robot", credentials.PASSWORD: SECRET}


def test_variables_come_first(folder: Path) -> None:
    configure(folder, auths={REGISTRY: auth()})
    found = login(**VARIABLES)
    assert found
    assert (found["username"], found["password"], found["serveraddress"]) == ("robot", SECRET, REGISTRY)


def test_variables_are_not_for_docker_hub_unless_they_say_so(folder: Path) -> None:
    assert login(Image("nginx"), **VARIABLES) is None
    assert login(Image("nginx"), **VARIABLES, ROLLOUT_REGISTRY="docker.io") is not None


@pytest.mark.parametrize("name", ["index.docker.io/x/y", "registry-1.docker.io/x/y", "docker.io/x/y"])
def test_docker_hub_is_known_by_all_its_names(folder: Path, name: str) -> None:
    assert login(Image(name), **VARIABLES) is None
    assert login(Image(name), **VARIABLES, ROLLOUT_REGISTRY="index.docker.io") is not None


def test_variables_are_for_what_is_deployed_and_for_no_hook_from_elsewhere(folder: Path) -> None:
    for registry, theirs in ((REGISTRY, True), ("ghcr.io", False), ("docker.io", False)):
        assert (credentials.in_variables(registry, VARIABLES, REGISTRY) is not None) == theirs
    assert credentials.in_variables("ghcr.io", VARIABLES, "docker.io") is None


def test_which_of_several_registries_is_meant_is_not_guessed() -> None:
    several = (REGISTRY, "ghcr.io", "docker.io")
    with pytest.raises(UsageError, match=r"ghcr\.io, registry\.example:5000") as caught:
        credentials.refuse_to_guess(several, VARIABLES)
    assert "ROLLOUT_REGISTRY" in caught.value.hint
    credentials.refuse_to_guess(several, {**VARIABLES, "ROLLOUT_REGISTRY": REGISTRY})
    credentials.refuse_to_guess((REGISTRY, REGISTRY, "docker.io"), VARIABLES)
    credentials.refuse_to_guess(several, {})


def test_variables_for_one_registry_are_for_no_other(folder: Path) -> None:
    assert login(**VARIABLES, ROLLOUT_REGISTRY="other.example") is None
    assert login(**VARIABLES, ROLLOUT_REGISTRY=REGISTRY) is not None


@pytest.mark.parametrize("one", list(VARIABLES))
def test_half_a_login_is_a_mistake(folder: Path, one: str) -> None:
    with pytest.raises(UsageError, match="only one is set") as caught:
        find(**{one: SECRET})
    assert SECRET not in caught.value.message + caught.value.hint


def ecr_password(expires: datetime) -> str:
    """As ECR makes them (a token that had ended)."""
    fields = {"payload": "x", "datakey": "y", "version": "2", "type": "DATA_KEY"}
    told = json.dumps(fields | {"expiration": int(expires.timestamp())})
    return base64.b64encode(told.encode()).decode()


def ecr_login(folder: Path, expires: datetime) -> None:
    entry = base64.b64encode(f"AWS:{ecr_password(expires)}".encode()).decode()
    configure(folder, auths={ECR: {"auth": entry}})


def test_a_password_of_ecrs_says_itself_when_it_ends(folder: Path) -> None:
    ends = NOW + timedelta(hours=3)
    ecr_login(folder, ends)
    found = find(ECR_APP)
    assert found is not None
    assert found.expires == ends
    assert not found.expired(NOW)
    assert found.expired(ends)


@pytest.mark.parametrize("password", ["", SECRET, "eyJhIjoxfQ==", "W10=", "eyJleHBpcmF0aW9uIjoieCJ9"])
def test_other_passwords_do_not(password: str) -> None:
    assert ecr.expiry_in(password) is None


def test_a_password_of_ecrs_in_a_variable_says_so_too(folder: Path) -> None:
    ends = NOW - timedelta(hours=1)
    found = find(ECR_APP, ROLLOUT_REGISTRY_USER="AWS", ROLLOUT_REGISTRY_PASSWORD=ecr_password(ends))
    assert found is not None
    assert found.expires == ends


def from_aws(monkeypatch: pytest.MonkeyPatch, answer: Account | RolloutError) -> None:
    def ask(_registry: str, _environ: object) -> Account:
        if isinstance(answer, RolloutError):
            raise answer
        return answer

    monkeypatch.setattr(ecr, "ask", ask)


@pytest.mark.parametrize(("left", "hours"), [(timedelta(minutes=59), 12), (timedelta(minutes=61), 0)])
def test_aws_is_asked_before_a_login_ends(
    folder: Path, monkeypatch: pytest.MonkeyPatch, left: timedelta, hours: int
) -> None:
    ecr_login(folder, NOW + left)
    from_aws(monkeypatch, Account("AWS", SECRET, expires=NOW + timedelta(hours=12)))
    found = find(ECR_APP)
    assert found is not None
    assert found.expires == NOW + (timedelta(hours=hours) if hours else left)


@pytest.mark.parametrize("error", [RegistryDenied("no"), RegistryUnavailable("away")])
def test_one_that_is_good_for_a_while_will_do_where_aws_gives_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: RolloutError
) -> None:
    ecr_login(folder, NOW + timedelta(minutes=20))
    from_aws(monkeypatch, error)
    assert find(ECR_APP) is not None
    ecr_login(folder, NOW)
    with pytest.raises(type(error)):
        find(ECR_APP)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"auths":\n {"registry.example": {"auth": "Z2VoZWlt"},}}', "line 2, column 44 is no JSON"),
        ("[" * 100_000, "RecursionError"),
        (b"\xff\xfe", "UnicodeDecodeError"),
    ],
)
def test_a_file_that_is_no_json_is_no_file_without_logins(
    folder: Path, text: str | bytes, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "config.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UsageError) as caught:
        find()
    assert str(folder / "config.json") in caught.value.message
    assert where in caught.value.message
    assert "Z2VoZWlt" not in caught.value.message + "".join(traceback.format_exception(caught.value))


def test_no_login_is_shown_by_its_repr(folder: Path) -> None:
    configure(folder, auths={REGISTRY: auth()})
    found, kept = find(), docker_config.read(REGISTRY)
    assert found is not None
    assert found.header not in repr(found)
    assert SECRET not in repr(kept)
