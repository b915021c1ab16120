"""What an image brings along, as its builder has written it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rollout.model.swarm import Healthcheck


@dataclass(frozen=True)
class ImageConfig:
    """An image's config: what holds wherever a spec says nothing else.

    ``healthcheck`` is without a test where the image has none. ``stop_signal`` is as written (``SIGQUIT``,
    ``3``), None for the engine's default; ``exposed_ports`` are, too (``9000/tcp``). ``platforms`` are those
    that the reference offers, as ``os/architecture[/variant]``; an engine knows only the one that it pulled.
    """

    healthcheck: Healthcheck = field(default_factory=Healthcheck)
    stop_signal: str | None = None
    exposed_ports: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offer:
    """What a registry has under a reference: the platforms, and the config as far as it could be read."""

    platforms: tuple[str, ...] = ()
    config: ImageConfig | None = None
