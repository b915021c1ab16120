"""Side services made and taken away again, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from rollout.errors import (
    AlreadyExists,
    EngineUnavailable,
    NotFound,
    OutcomeUnknown,
    RolloutError,
    Temporary,
)
from rollout.model import Service, Spec
from rollout.oneshot import names
from rollout.ports import Swarm

TRIES = 3


@dataclass(frozen=True)
class Sideline:
    """Where side services stand; ``announce`` hears of those that were found or cannot be removed."""

    swarm: Swarm
    announce: Callable[[str], None]

    @contextmanager
    def with_service(self, wanted: Spec, credentials: str | None) -> Iterator[Service]:
        """A side service for the time of a block. Raises what ``Swarm.create`` raises."""
        made = self._create(wanted, credentials)
        try:
            yield made
        finally:
            self._remove(made)

    def clear(self, service_id: str) -> None:
        """Remove what an earlier deployment of this service left behind, or of one that is gone.

        Only under the service's lock.
        """
        services = self.swarm.services()
        there = {service.id for service in services}
        for left in services:
            if names.belongs_to(left, service_id) or names.orphaned(left, there):
                self.announce(f"removing {left.name}, left behind by a deployment that was cut off")
                self._remove(left)

    def _create(self, wanted: Spec, credentials: str | None) -> Service:
        """Create it; where that is not certain, look first: the name is nobody else's."""
        for _ in range(TRIES):
            try:
                return self.swarm.create(wanted, credentials)
            except (OutcomeUnknown, AlreadyExists):
                with suppress(NotFound):
                    return self.swarm.service(wanted["Name"])
        raise EngineUnavailable(f"the engine did not create {wanted['Name']}, tried {TRIES} times")

    def _remove(self, service: Service) -> None:
        """Remove it, by its ID, so that trying again can do no harm; the next deployment finds what stays."""
        for _ in range(TRIES):
            try:
                return self.swarm.remove(service.id)
            except Temporary:
                continue
            except RolloutError:
                break
        self.announce(f"{service.name} could not be removed; the next deployment removes it")
        return None
