"""The caller's login for a registry, from whichever source has one.

The strongest first: ``ROLLOUT_REGISTRY_USER`` and ``_PASSWORD``, docker's config.json, AWS for its ECR. What
has expired counts only where nothing better is there: it is then known why the registry says no.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rollout.errors import UsageError
from rollout.model import Login
from rollout.registries import DOCKER_HUB
from rollout.registry import docker_config, ecr
from rollout.registry.account import Account

USER, PASSWORD, REGISTRY = "ROLLOUT_REGISTRY_USER", "ROLLOUT_REGISTRY_PASSWORD", "ROLLOUT_REGISTRY"


def find(registry: str, environ: Mapping[str, str], now: datetime) -> Login | None:
    """The login, None where the caller has none. Raises UsageError, RegistryDenied, RegistryUnavailable."""
    told = in_variables(registry, environ)
    if told is not None:
        return told.login(registry)
    kept = docker_config.read(registry)
    login = kept.login(registry) if kept else None
    if login is not None and not login.expired(now):
        return login
    fresh = ecr.ask(registry, environ)
    return fresh.login(registry) if fresh else login


def in_variables(registry: str, environ: Mapping[str, str]) -> Account | None:
    """The login in the environment, if it is for this registry.

    ``ROLLOUT_REGISTRY`` says for which one; without it it is for any but Docker Hub, where most people take
    images from that need no login, and which would refuse a wrong one.
    """
    user, password = environ.get(USER, ""), environ.get(PASSWORD, "")
    if bool(user) != bool(password):
        raise UsageError(f"of {USER} and {PASSWORD} only one is set", "set both, or none")
    meant = environ.get(REGISTRY, "")
    if not user or (registry != meant if meant else registry == DOCKER_HUB):
        return None
    return Account(user, password)
