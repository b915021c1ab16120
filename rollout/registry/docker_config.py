"""The caller's registry logins in docker's own config.json: auths, credsStore, credHelpers.

Nothing of a login may get out: no exception here keeps the one that led to it, for a helper's output and a
broken entry are both in there.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from docker import auth  # type: ignore[import-untyped]

from rollout.deadline import within
from rollout.errors import RegistryDenied, UsageError
from rollout.registries import login_hint
from rollout.registry import ecr
from rollout.registry.account import Account

HELPER_SECONDS = 10.0
"""For a credential helper, which may ask a keychain or a cloud; the SDK would wait for ever."""


def read(registry: str) -> Account | None:
    """The login for a registry. The file is read anew each time, and a helper (ECR's, say) asked anew.

    Raises UsageError where the file is no JSON, RegistryDenied where a login in it cannot be read.
    """
    refuse_garbled(auth.config.find_config_file())
    answer = within(HELPER_SECONDS, lambda: _tried(registry))
    found, problem = answer or (None, f"no answer within {HELPER_SECONDS:g}s")
    if problem:
        raise RegistryDenied(f"the login for {registry} cannot be read ({problem})", _hint(registry))
    return found


def refuse_garbled(path: str | None) -> None:
    """Raise UsageError where the file cannot be read; the SDK would take it for one without logins.

    Its text is not shown: it holds passwords.
    """
    try:
        json.loads(Path(path).read_text(encoding="utf-8")) if path else None
    except json.JSONDecodeError as error:
        trouble = f"line {error.lineno}, column {error.colno} is no JSON"
    except (OSError, ValueError, RecursionError) as error:
        trouble = type(error).__name__
    else:
        return
    raise UsageError(f"docker's {path} cannot be read: {trouble}", "mend it; without it there is no login")


def _tried(registry: str) -> tuple[Account | None, str]:
    try:
        return _read(registry), ""
    except Exception as error:
        return None, type(error).__name__


def _read(registry: str) -> Account | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK warns of a missing helper, and then raises
        raw: dict[str, Any] | None = auth.load_config().resolve_authconfig(registry)
    found = {key.lower(): str(value or "") for key, value in (raw or {}).items()}
    if not found.get("password") and not found.get("identitytoken"):
        return None
    password = found.get("password", "")
    expires = ecr.expiry_in(password)
    return Account(found.get("username", ""), password, found.get("identitytoken", ""), expires)


def _hint(registry: str) -> str:
    """Name the helper, whose name is no secret: it is what has to be mended."""
    try:
        helper = auth.load_config().get_credential_store(registry)
    except Exception:
        helper = None
    if helper:
        return f"echo {registry} | docker-credential-{helper} get   shows why (and the password, if it works)"
    return f"log in anew: {login_hint(registry)}"
