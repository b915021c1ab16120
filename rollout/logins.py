"""The login that goes with a deployment's writes: a good one or none, so that no stale one replaces it.

Without one the engine keeps what the service has (moby/moby daemon/cluster/services.go, UpdateService). All
writes of a deployment send the same: new credentials make Swarm start *ended* tasks of the target again.
"""

from __future__ import annotations

from datetime import datetime

from rollout.model import Availability, Image, Login
from rollout.ports import Registry


def worth_sending(registry: Registry, image: Image, login: Login | None, now: datetime) -> str | None:
    """The login as a header, if it opens the image now; a registry that is away has not said so."""
    if login is None or login.expired(now):
        return None
    return login.header if registry.availability(image) == Availability.THERE else None
