"""The use case ``hold``: ask whoever is at work on a service to stand still, and see that they do."""

from __future__ import annotations

from rollout.errors import Locked, Refused
from rollout.model import Service
from rollout.ports import Clock, Store
from rollout.state import lock
from rollout.state.halt import PATIENCE, Halts
from rollout.state.holder import Holder

LOOK_EVERY = 0.3
"""Seconds."""


def halt(service: Service, store: Store, clock: Clock, holder: Holder) -> str:
    """Who has let go. Raises Refused where nobody is at work, and Locked if they do not let go in time."""
    at_work = lock.held(store, service.id)
    if not at_work:
        raise Refused(
            f"no deployment of {service.name} is under way", f"look at `rollout status {service.name}`"
        )
    halts = Halts(store, service.id, at_work[0].id)
    halts.ask(holder.who)
    limit = clock.now() + PATIENCE
    while _same(store, service, at_work[0].id):
        if clock.now() > limit:
            halts.take()
            raise Locked(
                f"{lock.describe(at_work[0])} has not let go of {service.name} within {PATIENCE:g}s",
                f"it may be rolling back, or be gone: look at `rollout status {service.name}`",
            )
        clock.sleep(LOOK_EVERY)
    return lock.who_holds(at_work[0])


def _same(store: Store, service: Service, lock_id: str) -> bool:
    return any(entry.id == lock_id for entry in lock.held(store, service.id))
