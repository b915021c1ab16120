"""Registries by their names: whose they are, and how one logs in there. Pure."""

from __future__ import annotations

import re

from docker import auth  # type: ignore[import-untyped]

from rollout.model import Image

DOCKER_HUB = str(auth.INDEX_NAME)
_ECR = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


def registry_of(image: Image) -> str:
    """The registry's host, with its port, as config.json has it; ``docker.io`` is Docker Hub."""
    return str(auth.split_repo_name(image.repository)[0])


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
