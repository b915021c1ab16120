"""How deployments have ended, counted from their records: all once, then those that have just ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rollout import revisions
from rollout.ports import Store
from rollout.state import record
from rollout.state.record import Record, RecordState


@dataclass(frozen=True)
class Tally:
    """The deployments of one service. ``last_good`` is in seconds since the epoch; None if there was none.

    ``counted`` are the revisions that are in it and still on record: those that go were counted.
    """

    service: str = ""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    timed: int = 0
    last_good: float | None = None
    counted: frozenset[int] = frozenset()


def with_records(tally: Tally, records: Iterable[Record]) -> Tally:
    """The tally with what has ended since. Pure."""
    listed = tuple(records)
    for found in listed:
        if not found.open and found.revision not in tally.counted:
            tally = _with(tally, found)
    there = frozenset(found.revision for found in listed)
    return Tally(
        tally.service, tally.outcomes, tally.seconds, tally.timed, tally.last_good, tally.counted & there
    )


def _with(tally: Tally, found: Record) -> Tally:
    told = revisions.of_record(found)
    outcome = str(found.state).replace(" ", "_")
    ended = found.entry.updated.timestamp()
    good = found.state == RecordState.DEPLOYED
    return Tally(
        told.service or tally.service,
        {**tally.outcomes, outcome: tally.outcomes.get(outcome, 0) + 1},
        tally.seconds + (told.seconds or 0.0),
        tally.timed + (told.seconds is not None),
        max(ended, tally.last_good or 0.0) if good else tally.last_good,
        tally.counted | {found.revision},
    )


class Chronicle:
    """Reads the records of a service when its lock has gone: a deployment has ended then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._locked: frozenset[str] | None = None
        self.tallies: Mapping[str, Tally] = {}

    def turn(self, locked: frozenset[str], there: frozenset[str]) -> None:
        """Take in what has ended; ``locked`` are services with a lock now. Raises what the store does."""
        if self._locked is None:
            self._read_all()
        for service_id in sorted((self._locked or frozenset()) - locked):
            self._read(service_id)
        self._locked = locked
        self.tallies = {key: tally for key, tally in self.tallies.items() if key in there}

    def _read_all(self) -> None:
        by_service: dict[str, list[Record]] = {}
        for found in record.every(self._store):
            by_service.setdefault(found.entry.labels.get("rollout.service", ""), []).append(found)
        self.tallies = {key: with_records(Tally(), found) for key, found in by_service.items()}

    def _read(self, service_id: str) -> None:
        found = record.history(self._store, service_id)
        tally = with_records(self.tallies.get(service_id, Tally()), found)
        self.tallies = {**self.tallies, service_id: tally}
