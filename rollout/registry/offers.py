"""Configs of images that no engine has pulled yet: read from the registry, as far as this machine can."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from rollout.deadline import within
from rollout.errors import RolloutError
from rollout.model import Image, ImageConfig, Login
from rollout.registries import registry_of
from rollout.swarm import parse_image
from rollout.swarm.client import Engine
from rollout.swarm.reply import Reply

SECONDS = 8.0
"""For the whole of it: a config is welcome, but nobody waits for it."""


@dataclass(frozen=True)
class ImageConfigs:
    """Reads configs; the engine says which registries may be asked without TLS."""

    client: Engine

    def read(self, image: Image, login: Login | None) -> ImageConfig | None:
        """The config of an image by its digest; None where it could not be had."""
        return within(SECONDS, lambda: self._tried(image, login))

    def _tried(self, image: Image, login: Login | None) -> ImageConfig | None:
        from rollout.registry.reader import RegistryReader

        registry = registry_of(image)
        try:
            reader = RegistryReader(registry, image.repository, _user(login), self._plain_http(registry))
            return parse_image.blob(reader.config(image.digest or ""), f"image {image}")
        except (RolloutError, OSError, ValueError, RecursionError, ArithmeticError):
            return None

    def _plain_http(self, registry: str) -> bool:
        """Whether the engine has it among its insecure registries by name.

        There it would try TLS first; a login is sent without TLS here as there.
        """
        info = Reply(self.client.read("ask about the engine", "/info"), "itself")
        known: dict[str, object] = info.maybe("RegistryConfig.IndexConfigs", {})
        return registry in known and not Reply(known[registry], "a registry").flag("Secure")


def _user(login: Login | None) -> tuple[str, str] | None:
    """Name and password; a token that stands for both is of no use here."""
    fields = json.loads(base64.urlsafe_b64decode(login.header)) if login else {}
    return (fields["username"], fields["password"]) if fields.get("password") else None
