"""Who is at work on a service: whoever wants to tell them something needs somebody who hears it."""

from __future__ import annotations

from rollout.errors import Refused
from rollout.hints import ways_on
from rollout.model import Service
from rollout.ports import Entry, Store, Swarm
from rollout.state import lock
from rollout.state.holder import is_dead
from rollout.state.lease import LockState


def at_work(service: Service, swarm: Swarm, store: Store) -> Entry:
    """The lock of whoever deploys it. Raises Refused where nobody does, or only somebody who is gone."""
    held = lock.held(store, service.id)
    if not held:
        raise Refused(
            f"no deployment of {service.name} is under way", f"look at `rollout status {service.name}`"
        )
    dead = is_dead(held[0].labels.get("rollout.process", ""))
    if lock.judge(held[0].updated, swarm.now(), dead) == LockState.EXPIRED:
        raise Refused(
            f"{lock.describe(held[0])} is not at work on {service.name} any more", ways_on(service.name)
        )
    return held[0]
