"""The use case ``hold``: ask whoever is at work on a service to stand still, and see what came of it."""

from __future__ import annotations

from rollout.at_work import at_work
from rollout.errors import Locked, Refused
from rollout.hints import ways_on
from rollout.model import Service
from rollout.ports import Clock, Store, Swarm
from rollout.state import lock, record
from rollout.state.halt import PATIENCE, Halts
from rollout.state.holder import Holder
from rollout.state.record import Record

LOOK_EVERY = 0.3
"""Seconds."""


def halt(service: Service, swarm: Swarm, store: Store, clock: Clock, holder: Holder) -> str:
    """What stands still now, in a sentence.

    Raises Refused where nobody is at work, or where it came too late, and Locked if they do not let go in
    time.
    """
    held = at_work(service, swarm, store)
    before = _newest(store, service)
    halts = Halts(store, service.id, held.id)
    halts.ask(holder.who)
    limit = clock.now() + PATIENCE
    while _same(store, service, held.id):
        if clock.now() > limit:
            halts.take()
            raise Locked(
                f"{lock.describe(held)} has not let go of {service.name} within {PATIENCE:g}s",
                f"it may be rolling back, or be gone: look at `rollout status {service.name}`",
            )
        clock.sleep(LOOK_EVERY)
    halts.take()  # where it came too late, nobody else is to hear it
    return _what_came_of_it(service, swarm, store, lock.who_holds(held), before)


def _what_came_of_it(service: Service, swarm: Swarm, store: Store, who: str, before: Record | None) -> str:
    """By the record, which is written before the lock is given back."""
    if record.interrupted(record.history(store, service.id), swarm.service(service.id)) is not None:
        return f"the deployment of {who} has let go; {ways_on(service.name)}"
    after = _newest(store, service)
    if after is None or (before and (after.revision, after.state) == (before.revision, before.state)):
        return f"the deployment of {who} has let go before it touched anything"
    raise Refused(
        f"too late: the deployment of {who} has come to its end: {after.state}",
        f"`rollout status {service.name}` shows what runs, `rollout undo {service.name}` goes back",
    )


def _newest(store: Store, service: Service) -> Record | None:
    records = record.history(store, service.id)
    return records[-1] if records else None


def _same(store: Store, service: Service, lock_id: str) -> bool:
    return any(entry.id == lock_id for entry in lock.held(store, service.id))
