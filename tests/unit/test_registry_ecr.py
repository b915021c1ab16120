"""Logins for ECR, from an AWS that is played: who the caller is, and what is said when AWS says no."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("boto3", reason="boto3 is an extra")
moto = pytest.importorskip("moto", reason="moto plays AWS")

from botocore.exceptions import ClientError, ConnectTimeoutError, NoCredentialsError  # noqa: E402

from rollout.errors import RegistryDenied, RegistryUnavailable  # noqa: E402
from rollout.registry import ecr  # noqa: E402

ACCOUNT = "637345297332"
REGISTRY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "geheim"}


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An AWS that knows nobody until a test says who asks."""
    for name in ("AWS_PROFILE", "AWS_ROLE_ARN", ecr.OIDC_TOKEN, *KEYS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    with moto.mock_aws(config={"core": {"mock_credentials": False}}):
        yield monkeypatch


def password(environ: dict[str, str]) -> str:
    found = ecr.ask(REGISTRY, environ)
    assert found is not None
    assert found.username == "AWS"
    assert found.expires is not None
    return found.password


def test_keys_in_the_environment(aws):
    for name, value in KEYS.items():
        aws.setenv(name, value)
    assert password(KEYS).endswith("-auth-token")


def test_a_profile(aws, tmp_path: Path):
    lines = ["[deploy]", "aws_access_key_id = AKIATEST", "aws_secret_access_key = geheim"]
    (tmp_path / "credentials").write_text("\n".join(lines))
    aws.setenv("AWS_PROFILE", "deploy")
    assert password({}).endswith("-auth-token")


@pytest.mark.parametrize("variable", ecr.ROLES)
def test_bitbuckets_token_takes_the_role_and_logs_in_as_it(aws, variable: str):
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "step"}).encode()).decode().rstrip("=")
    environ = {ecr.OIDC_TOKEN: f"e30.{claims}.x", variable: ROLE}
    assert password(environ) == f"{ACCOUNT}-auth-token"


def test_nobody_is_no_error(aws):
    assert ecr.ask(REGISTRY, {}) is None


@pytest.mark.parametrize("registry", ["registry.example", "docker.io", f"{ACCOUNT}.dkr.ecr.x.example"])
def test_other_registries_are_none_of_awss_business(aws, registry: str):
    assert ecr.ask(registry, KEYS) is None


@pytest.mark.parametrize(
    ("registry", "region"),
    [
        (REGISTRY, "eu-west-1"),
        (f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        (f"{ACCOUNT}.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ],
)
def test_the_region_is_that_of_the_registry(aws, registry: str, region: str):
    asked: list[str] = []

    def session(found: str, _environ: object) -> object:
        asked.append(found)
        raise NoCredentialsError

    aws.setattr(ecr, "_session", session)
    assert ecr.ask(registry, KEYS) is None
    assert asked == [region]


def answering(aws: pytest.MonkeyPatch, error: Exception) -> None:
    def session(_region: str, _environ: object) -> object:
        raise error

    aws.setattr(ecr, "_session", session)


def test_what_aws_refuses_is_said_in_its_words(aws):
    told = {"Error": {"Code": "AccessDeniedException", "Message": "User: x is not authorized"}}
    answering(aws, ClientError(told, "GetAuthorizationToken"))
    with pytest.raises(RegistryDenied, match="AccessDeniedException: User: x is not authorized") as caught:
        ecr.ask(REGISTRY, KEYS)
    assert "ecr:GetAuthorizationToken" in caught.value.hint
    assert caught.value.__context__ is None


def test_an_aws_that_is_away_may_come_back(aws):
    answering(aws, ConnectTimeoutError(endpoint_url="https://api.ecr.eu-west-1.amazonaws.com"))
    with pytest.raises(RegistryUnavailable, match=REGISTRY):
        ecr.ask(REGISTRY, KEYS)


def test_an_aws_that_says_nothing_is_not_waited_for(aws):
    aws.setattr(ecr, "AWS_SECONDS", 0.0)
    with pytest.raises(RegistryUnavailable, match="in time"):
        ecr.ask(REGISTRY, KEYS)
