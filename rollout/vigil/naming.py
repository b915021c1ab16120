"""What a probe is called wherever others read it: an address may hold a secret of whatever name. Pure."""

from __future__ import annotations

from rollout.model import WatchProbe
from rollout.secrets import public_link, without_secrets


def name_of(probe: WatchProbe) -> str:
    """Its name, or its address without login and query."""
    return without_secrets(probe.name) if probe.name else public_link(probe.url)
