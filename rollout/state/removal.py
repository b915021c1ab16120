"""Removing an entry for good, also where the connection breaks meanwhile."""

from __future__ import annotations

from contextlib import suppress

from rollout.errors import Temporary
from rollout.ports import Entry, Store

TRIES = 3


def remove(store: Store, entry: Entry) -> None:
    """Remove it, by its ID, so that trying again does no harm. One that cannot be removed stays."""
    for _ in range(TRIES):
        with suppress(Temporary):
            store.remove(entry)
            return
