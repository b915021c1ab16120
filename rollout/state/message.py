"""A message to whoever is at work on a service: a config that is there until it is taken."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.errors import AlreadyExists, OutcomeUnknown
from rollout.ports import Entry, Store
from rollout.state import removal


def leave(store: Store, name: str, who: str, labels: Mapping[str, str]) -> None:
    """Leave it there; leaving it twice means it once."""
    try:
        store.create(name, who.encode(), {**labels, "rollout.who": who})
    except AlreadyExists:
        return
    except OutcomeUnknown:
        leave(store, name, who, labels)


def take(store: Store, labels: Mapping[str, str]) -> tuple[Entry, ...]:
    """What is there, by its labels; it is used up by this. What stays is heard twice, nothing worse."""
    found = store.find(labels)
    for entry in found:
        removal.remove(store, entry)
    return found
