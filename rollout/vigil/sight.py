"""One look at the Swarm: so many questions however many services there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rollout import pacing
from rollout.errors import NotFound
from rollout.model import Node, Service, Task, Vigil
from rollout.ports import Clock, Store, Swarm
from rollout.state import held, record
from rollout.state.held import HeldLock
from rollout.state.record import Record
from rollout.vigil.scope import Scope
from rollout.vigil.survey import Standing, Survey, stand, with_past

MOST_DOUBTFUL = 5
_TO_THE_SECOND = len("2026-01-01T00:00:00")


@dataclass(frozen=True)
class Sight:
    """Reads through the ports: seven questions, and an eighth where something moves."""

    swarm: Swarm
    store: Store
    clock: Clock
    vigil: Vigil

    def look(self) -> Survey:
        """What is there now. Raises what the ports raise."""
        began = self.clock.now()
        now = self.swarm.now()
        nodes = {node.id: node for node in self.swarm.nodes()}
        services, scope = self.swarm.services(), Scope(self.vigil.services, self.vigil.labels)
        watched = scope.of(services)
        standings = self._restless(self._standings(watched, nodes), now)
        locks, unfinished = self._locks(), self._unfinished()
        joined = [_joined(one, locks.get(one.id), unfinished.get(one.id, ())) for one in standings]
        found = self._failed(joined)
        at = self.clock.now()
        unwatched = frozenset(one.id for one in services) - {one.id for one in watched}
        return Survey(at, now, found, nodes, scope.lost(services), unwatched, seconds=at - began)

    def _standings(self, services: Iterable[Service], nodes: Mapping[str, Node]) -> list[Standing]:
        tasks = self.swarm.standing_tasks()
        return [stand(service, tasks.get(service.id, ()), nodes) for service in services]

    def _restless(self, standings: list[Standing], now: datetime) -> list[Standing]:
        """Read the past tasks of those services where something has happened of late, or is missing."""
        since = _second((now - timedelta(seconds=self.vigil.restart_window)).isoformat())
        moved = [one.id for one in standings if one.short or _moved(one.tasks, since)]
        if not moved:
            return standings
        try:
            past = self.swarm.past_tasks(moved)
        except NotFound:  # a service has been removed since: the next look knows
            return standings
        return [with_past(one, past[one.id]) if one.id in past else one for one in standings]

    def _failed(self, standings: list[Standing]) -> tuple[Standing, ...]:
        """Where a release of ours is in force without an open record, its way back may have failed.

        A question for each such service: there are few, and no more than so many are asked about.
        """
        doubtful = [one.id for one in standings if not one.unfinished and pacing.is_paced(one.service.spec)]
        asked = frozenset(doubtful[:MOST_DOUBTFUL])
        return tuple(self._with_failed(one) if one.id in asked else one for one in standings)

    def _with_failed(self, one: Standing) -> Standing:
        found = record.restorable(record.history(self.store, one.id), one.service)
        return replace(one, unfinished=found) if found is not None else one

    def _locks(self) -> dict[str, HeldLock]:
        return {found.entry.labels.get("rollout.service", ""): found for found in held.locks(self.store)}

    def _unfinished(self) -> dict[str, tuple[Record, ...]]:
        """The open records alone: all of them, with the specs that they hold, would be too many to read."""
        by_service: dict[str, tuple[Record, ...]] = {}
        for found in record.unfinished(self.store):
            service_id = found.entry.labels.get("rollout.service", "")
            by_service[service_id] = (*by_service.get(service_id, ()), found)
        return by_service


def _joined(one: Standing, lock: HeldLock | None, records: tuple[Record, ...]) -> Standing:
    if lock is None and not records:
        return one
    return replace(one, lock=lock, unfinished=record.interrupted(records, one.service))


def _moved(tasks: Iterable[Task], since: str) -> bool:
    """Whether a task has come into its state after a time; compared as texts, which is quick."""
    return any(_second(task.since) > since for task in tasks)


def _second(stamp: str) -> str:
    return stamp[:_TO_THE_SECOND]
