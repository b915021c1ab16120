"""How deployments have ended, counted from their records: all once, then those that have just ended.

Records hold whole specs: all of them at once would be too many to read.
"""

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


AT_A_TIME = 3
"""Services whose records are read after one look."""


class Chronicle:
    """Reads the records of a service when it is new, and when its lock has gone: a deployment has ended."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._locked: frozenset[str] = frozenset()
        self._due: frozenset[str] = frozenset()
        self.tallies: Mapping[str, Tally] = {}

    def turn(self, locked: frozenset[str], there: frozenset[str]) -> None:
        """Take in what has ended; ``locked`` are services with a lock now. Raises what the store does."""
        self.tallies = {key: tally for key, tally in self.tallies.items() if key in there}
        self._due = (self._due | (self._locked - locked) | (there - self.tallies.keys())) & there
        self._locked = locked
        for service_id in sorted(self._due, key=self._urgent)[:AT_A_TIME]:
            self._read(service_id)
            self._due -= {service_id}

    def _urgent(self, service_id: str) -> tuple[bool, str]:
        """What has just ended comes before what is read for the first time."""
        return service_id not in self.tallies, service_id

    def _read(self, service_id: str) -> None:
        found = record.history(self._store, service_id)
        tally = with_records(self.tallies.get(service_id, Tally()), found)
        self.tallies = {**self.tallies, service_id: tally}
