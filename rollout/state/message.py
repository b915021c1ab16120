"""A message to whoever is at work on a service: a config that is there until it is taken."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from rollout.errors import AlreadyExists, OutcomeUnknown, Temporary
from rollout.ports import Entry, Store

TRIES = 3


def leave(store: Store, name: str, who: str, labels: Mapping[str, str]) -> None:
    """Leave it there; leaving it twice means it once."""
    try:
        store.create(name, who.encode(), {**labels, "rollout.who": who})
    except AlreadyExists:
        return
    except OutcomeUnknown:
        leave(store, name, who, labels)


def take(store: Store, labels: Mapping[str, str]) -> tuple[Entry, ...]:
    """What is there, by its labels; it is used up by this."""
    found = store.find(labels)
    for entry in found:
        _remove(store, entry)
    return found


def _remove(store: Store, entry: Entry) -> None:
    """Remove it, by its ID, so that trying again does no harm; what stays is heard twice, nothing worse."""
    for _ in range(TRIES):
        with suppress(Temporary):
            store.remove(entry)
            return
