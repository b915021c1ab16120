"""The caller's registry logins, from docker's own config.json: auths, credsStore, credHelpers.

Nothing of a login may get out but the header's value: no exception here keeps the one that led to it, for a
helper's output and a broken entry are both in there.
"""

from __future__ import annotations

import warnings
from typing import Any

from docker import auth  # type: ignore[import-untyped]

from rollout.errors import RegistryDenied
from rollout.model import Image


def header(image: Image) -> str | None:
    """The value of X-Registry-Auth for an image's registry; None where the caller has no login.

    The file is read anew each time, and a helper (ECR's, say) asked anew. Raises RegistryDenied.
    """
    registry = registry_of(image)
    try:
        found, problem = _login(registry), ""
    except Exception as error:
        found, problem = None, type(error).__name__
    if problem:
        raise RegistryDenied(f"the login for {registry} cannot be read ({problem})", _hint(registry))
    return auth.encode_header(found).decode("ascii") if found else None


def registry_of(image: Image) -> str:
    """The registry's host, with its port, as config.json has it; ``docker.io`` is Docker Hub."""
    return str(auth.split_repo_name(image.repository)[0])


def login_hint(registry: str) -> str:
    """The command that makes a login."""
    parts = registry.split(".")
    if registry.endswith(".amazonaws.com") and len(parts) > 4 and parts[1:3] == ["dkr", "ecr"]:
        return (
            f"aws ecr get-login-password --region {parts[3]} | "
            f"docker login --username AWS --password-stdin {registry}"
        )
    return "docker login" if registry == auth.INDEX_NAME else f"docker login {registry}"


def _login(registry: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the SDK warns of a missing helper, and then raises
        return auth.load_config().resolve_authconfig(registry)


def _hint(registry: str) -> str:
    """Name the helper, whose name is no secret: it is what has to be mended."""
    try:
        helper = auth.load_config().get_credential_store(registry)
    except Exception:
        helper = None
    if helper:
        return f"echo {registry} | docker-credential-{helper} get   shows why (and the password, if it works)"
    return f"log in anew: {login_hint(registry)}"
