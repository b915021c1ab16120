"""Registries by their names: whose they are, and how one logs in there. Pure."""

from __future__ import annotations

import re

from rollout.model import Image

DOCKER_HUB = "docker.io"
_HUBS_NAMES = frozenset({DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_ECR = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


def registry_of(image: Image) -> str:
    """The registry's host, with its port, as config.json has it; ``docker.io`` is Docker Hub.

    The first part of a name is a host if it looks like one (distribution/reference normalize.go,
    splitDockerDomain, as docker-py has it in docker/auth.py, resolve_repository_name).
    """
    return normal(_split(image)[0] or DOCKER_HUB)


def path_of(image: Image) -> str:
    """The repository's name in its registry; Docker Hub's own images are in ``library``."""
    path = _split(image)[1]
    return f"library/{path}" if registry_of(image) == DOCKER_HUB and "/" not in path else path


def normal(registry: str) -> str:
    """One name for each registry: Docker Hub has several."""
    return DOCKER_HUB if registry in _HUBS_NAMES else registry


def ecr_region(registry: str) -> str | None:
    """The AWS region of an ECR registry; None where the registry is none."""
    found = _ECR.fullmatch(registry)
    return found[2] if found else None


def login_hint(registry: str) -> str:
    """The command that makes a login."""
    region = ecr_region(registry)
    if region:
        return (
            f"aws ecr get-login-password --region {region} | "
            f"docker login --username AWS --password-stdin {registry}"
        )
    return "docker login" if registry == DOCKER_HUB else f"docker login {registry}"


def _split(image: Image) -> tuple[str, str]:
    """The host, empty where none is named, and the rest."""
    host, slash, rest = image.repository.partition("/")
    named = bool(slash) and (host == "localhost" or any(sign in host for sign in ".:"))
    return (host, rest) if named else ("", image.repository)
