"""Removes what is kept of services that are gone: nobody would ever find it again."""

from __future__ import annotations

from datetime import datetime, timedelta

from rollout.ports import Store
from rollout.state import halt, lock, presence, promotion, record, removal

KINDS = (record.KIND, lock.KIND, halt.KIND, promotion.KIND, presence.PROBE)
"""What is kept in the Swarm; the last one belongs to no service, and stays only where its maker died."""
AFTER = timedelta(days=7)
"""For so long ``rollout history`` still tells of a service that was removed."""


def forget(store: Store, services: frozenset[str], now: datetime) -> None:
    """Remove what is older than that and belongs to none of these services (by ID).

    ``now`` has to be the leader's time: all stamps are.
    """
    for kind in KINDS:
        for entry in store.find({"rollout.kind": kind}):
            gone = entry.labels.get("rollout.service", "") not in services
            if gone and now - entry.updated > AFTER:
                removal.remove(store, entry)
