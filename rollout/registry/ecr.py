"""Logins for Amazon's ECR, by boto3 (the extra ``ecr``), which is imported only where one is wanted.

Whoever the caller is, AWS's own chain finds out: environment keys, profile, web identity, instance role. Of
Bitbucket's OIDC it does not know: there the token is in a variable, not in a file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from rollout.deadline import within
from rollout.errors import RegistryDenied, RegistryUnavailable, RolloutError
from rollout.registries import ecr_region
from rollout.registry.account import Account
from rollout.untrusted import plain

AWS_SECONDS = 15.0
"""For all of AWS's answers together: the lock stands still meanwhile."""
OIDC_TOKEN = "BITBUCKET_STEP_OIDC_TOKEN"
ROLES = ("AWS_ROLE_ARN", "AWS_OIDC_ROLE_ARN")
"""The first is AWS's own, the second that of Atlassian's pipes."""
_KEYS_FIRST = ("AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE")
"""Where one of these is set, AWS's chain finds its way without us."""


def installed() -> bool:
    """Whether boto3 is there."""
    return find_spec("boto3") is not None


def ask(registry: str, environ: Mapping[str, str]) -> Account | None:
    """A fresh login, good for 12 hours; None where AWS knows nothing of the caller.

    Raises RegistryDenied and RegistryUnavailable.
    """
    region = ecr_region(registry)
    if region is None or not installed():
        return None
    answer = within(AWS_SECONDS, lambda: _tried(registry, region, environ))
    found, error = answer or (None, RegistryUnavailable(f"AWS gave no login for {registry} in time"))
    if error is not None:
        raise error
    return found


def expiry_in(password: str) -> datetime | None:
    """When one of ECR's passwords ends: it is JSON in base64 and says so itself. None for any other."""
    try:
        told = json.loads(base64.b64decode(password, validate=True))
        return datetime.fromtimestamp(int(told["expiration"]), UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return None


def _tried(
    registry: str, region: str, environ: Mapping[str, str]
) -> tuple[Account | None, RolloutError | None]:
    """The login, or what became of the question; AWS's exceptions stay in here."""
    from botocore import exceptions as aws  # type: ignore[import-untyped]

    try:
        return _account(_session(region, environ)), None
    except aws.NoCredentialsError:
        return None, None
    except aws.ClientError as error:
        return None, _denied(registry, error.response.get("Error") or {})
    except (aws.ConnectionError, aws.HTTPClientError) as error:
        return None, RegistryUnavailable(f"AWS gives no login for {registry}: {type(error).__name__}")
    except Exception as error:
        return None, _denied(registry, {"Code": type(error).__name__})


def _denied(registry: str, told: Mapping[str, Any]) -> RegistryDenied:
    words = ": ".join(plain(str(told[key])) for key in ("Code", "Message") if told.get(key))
    hint = "`aws sts get-caller-identity` shows who you are; ecr:GetAuthorizationToken has to be allowed"
    return RegistryDenied(f"AWS gives no login for {registry}: {words}", hint)


def _session(region: str, environ: Mapping[str, str]) -> Any:
    import boto3  # type: ignore[import-untyped]

    role = next((environ[name] for name in ROLES if environ.get(name)), "")
    token = environ.get(OIDC_TOKEN, "")
    if not (token and role) or any(environ.get(name) for name in _KEYS_FIRST):
        return boto3.Session(region_name=region)
    sts = _client(boto3.Session(region_name=region), "sts")
    granted = sts.assume_role_with_web_identity(
        RoleArn=role, RoleSessionName="rollout", WebIdentityToken=token
    )["Credentials"]
    return boto3.Session(
        aws_access_key_id=granted["AccessKeyId"],
        aws_secret_access_key=granted["SecretAccessKey"],
        aws_session_token=granted["SessionToken"],
        region_name=region,
    )


def _account(session: Any) -> Account:
    (granted,) = _client(session, "ecr").get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(granted["authorizationToken"]).decode().partition(":")
    return Account(user, password, expires=granted["expiresAt"])


def _client(session: Any, service: str) -> Any:
    from botocore.config import Config  # type: ignore[import-untyped]

    patience = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
    return session.client(service, config=patience)
