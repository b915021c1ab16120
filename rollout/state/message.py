"""A message to whoever is at work on a service: a config that is there until it is taken.

It is addressed to one lock, so that it reaches the one who is at work and nobody after them.
"""

from __future__ import annotations

from collections.abc import Mapping

from rollout.errors import AlreadyExists, OutcomeUnknown
from rollout.ports import Entry, Store
from rollout.state import lock, removal

TO = "rollout.to"
LETTERS = 12
"""Of a lock's ID, in a name: the whole one would not fit into the 64 letters of a config's name."""


def address(store: Store, service_id: str) -> str:
    """The lock of whoever is at work; empty for nobody."""
    return next((entry.id for entry in lock.held(store, service_id)), "")


def leave(store: Store, name: str, who: str, labels: Mapping[str, str], to: str) -> None:
    """Leave it there for the holder of a lock; leaving it twice means it once."""
    try:
        store.create(f"{name}.{to[:LETTERS]}", who.encode(), {**labels, "rollout.who": who, TO: to})
    except AlreadyExists:
        return
    except OutcomeUnknown:
        leave(store, name, who, labels, to)


def take(store: Store, labels: Mapping[str, str], to: str) -> tuple[Entry, ...]:
    """What is there for that lock; it is used up by this. What stays is heard twice, nothing worse."""
    found = store.find({**labels, TO: to})
    for entry in found:
        removal.remove(store, entry)
    return found


def clear(store: Store, labels: Mapping[str, str], mine: str) -> None:
    """Remove what was said to earlier holders: for the one who holds the lock now."""
    for entry in store.find(labels):
        if entry.labels.get(TO) != mine:
            removal.remove(store, entry)
