"""How deployments have ended, counted from their records: all once, then those that have just ended.

Records hold whole specs: all of them at once would be too many to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from rollout import revisions
from rollout.ports import Store
from rollout.state import record
from rollout.state.record import Record, RecordState
from rollout.vigil.survey import Standing


@dataclass(frozen=True)
class Tally:
    """The deployments of one service. ``last_good`` is in seconds since the epoch; None if there was none.

    ``counted`` are the revisions, with their outcomes, that are in it and still on record: those that go were
    counted. What was held and ended later has two of them.
    """

    service: str = ""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    timed: int = 0
    last_good: float | None = None
    counted: frozenset[tuple[int, RecordState]] = frozenset()


def with_records(tally: Tally, records: Iterable[Record]) -> Tally:
    """The tally with what has ended since. Pure."""
    listed = tuple(records)
    for found in listed:
        if found.state != RecordState.RUNNING and (found.revision, found.state) not in tally.counted:
            tally = _with(tally, found)
    there = frozenset(found.revision for found in listed)
    return replace(tally, counted=frozenset(one for one in tally.counted if one[0] in there))


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
        tally.counted | {(found.revision, found.state)},
    )


AT_A_TIME = 3
"""Services whose records are read after one look."""


class Chronicle:
    """Reads the records of a service when it is new, and when nobody deploys it and it has been written.

    A short deployment comes and goes between two looks: its lock may never be seen, its writes are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read_at: Mapping[str, int] = {}
        self.tallies: Mapping[str, Tally] = {}

    def turn(self, standings: Iterable[Standing]) -> None:
        """Take in what has ended. Raises what the store does."""
        there = {one.id: one for one in standings}
        self.tallies = {key: tally for key, tally in self.tallies.items() if key in there}
        self._read_at = {key: version for key, version in self._read_at.items() if key in there}
        due = [one for one in there.values() if not one.lock and self._is_news(one)]
        for one in sorted(due, key=self._urgent)[:AT_A_TIME]:
            self._read(one)

    def _is_news(self, one: Standing) -> bool:
        return self._read_at.get(one.id) != one.service.version

    def _urgent(self, one: Standing) -> tuple[bool, str]:
        """What has just ended comes before what is read for the first time."""
        return one.id not in self.tallies, one.id

    def _read(self, one: Standing) -> None:
        tally = with_records(self.tallies.get(one.id, Tally()), record.history(self._store, one.id))
        self.tallies = {**self.tallies, one.id: tally}
        self._read_at = {**self._read_at, one.id: one.service.version}
