"""The updates under way, one a service: swarmkit's update.Supervisor."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.sim.memory import Memory
from rollout.sim.restart import Restarts
from rollout.sim.service import SimService
from rollout.sim.updater import SimSlot, Updater


class Supervisor:
    """Every write to a service comes here: it starts the updater anew, unless the spec is the very same."""

    def __init__(self, memory: Memory, restarts: Restarts) -> None:
        self._memory = memory
        self._restarts = restarts
        self._updates: dict[str, Updater] = {}

    def update(self, service: SimService, slots: Sequence[SimSlot]) -> None:
        """Bring these slots to the service's spec of now."""
        current = self._updates.get(service.id)
        if current is not None and current.works_for(service):
            return
        if current is not None:
            current.cancel()
        self._updates[service.id] = Updater(self._memory, self._restarts, service)
        self._updates[service.id].begin(slots)

    def cancel_all(self) -> None:
        """Stop everything, as a manager does that is not the leader any more."""
        for update in self._updates.values():
            update.cancel()
        self._updates.clear()

    def forget(self, service: SimService) -> None:
        """Stop the update of a service that is no more."""
        update = self._updates.pop(service.id, None)
        if update is not None:
            update.cancel()
