"""The caller's login for a registry, from whichever source has one.

The strongest first: ``ROLLOUT_REGISTRY_USER`` and ``_PASSWORD``, docker's config.json, AWS for its ECR. What
has expired counts only where nothing better is there: it is then known why the registry says no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from rollout.errors import RegistryDenied, RegistryUnavailable, UsageError
from rollout.model import Login
from rollout.registries import DOCKER_HUB, normal
from rollout.registry import docker_config, ecr
from rollout.registry.account import Account

USER, PASSWORD, REGISTRY = "ROLLOUT_REGISTRY_USER", "ROLLOUT_REGISTRY_PASSWORD", "ROLLOUT_REGISTRY"
FRESH = timedelta(hours=1)
"""A login that ends sooner is not the best there is, where AWS gives another one."""


def find(registry: str, environ: Mapping[str, str], now: datetime, deployed: str = "") -> Login | None:
    """The login, None where the caller has none.

    ``deployed`` is the registry of what is deployed, where variables without a registry belong.
    Raises UsageError, RegistryDenied, RegistryUnavailable.
    """
    told = in_variables(registry, environ, deployed)
    if told is not None:
        return told.login(registry)
    kept = docker_config.read(registry)
    login = kept.login(registry) if kept else None
    if login is not None and not login.expired(now + FRESH):
        return login
    return _fresh(registry, environ, login, now) or login


def _fresh(registry: str, environ: Mapping[str, str], kept: Login | None, now: datetime) -> Login | None:
    """What AWS gives; if it cannot, that is no harm where one is at hand that is still good."""
    good = kept is not None and not kept.expired(now)
    with suppress(*((RegistryDenied, RegistryUnavailable) if good else ())):
        fresh = ecr.ask(registry, environ)
        return fresh.login(registry) if fresh else None
    return None


def in_variables(registry: str, environ: Mapping[str, str], deployed: str = "") -> Account | None:
    """The login in the environment, if it is for this registry.

    ``ROLLOUT_REGISTRY`` says for which one. Without it, it is for what is deployed and for no other, lest a
    password be shown around; and never for Docker Hub, where most people take images from that need no login.
    """
    user, password = variables(environ)
    meant = normal(environ.get(REGISTRY, ""))
    fits = registry == meant if meant else registry == (deployed or registry) != DOCKER_HUB
    return Account(user, password, expires=ecr.expiry_in(password)) if user and fits else None


def refuse_to_guess(registries: Iterable[str], environ: Mapping[str, str]) -> None:
    """Raise UsageError where it cannot be told which of several registries the variables are for."""
    several = sorted(set(registries) - {DOCKER_HUB})
    if variables(environ)[0] and not environ.get(REGISTRY) and len(several) > 1:
        raise UsageError(
            f"{USER} does not say for which registry it is, and the services use {', '.join(several)}",
            f"set {REGISTRY} to one of them",
        )


def variables(environ: Mapping[str, str]) -> tuple[str, str]:
    """Name and password in the environment, both or neither. Raises UsageError."""
    user, password = environ.get(USER, ""), environ.get(PASSWORD, "")
    if bool(user) != bool(password):
        raise UsageError(f"of {USER} and {PASSWORD} only one is set", "set both, or none")
    return user, password
