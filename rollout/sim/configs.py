"""The Swarm's configs in the simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rollout.errors import AlreadyExists, Conflict, EngineRefused, NotFound
from rollout.ports import Entry
from rollout.sim.faults import Faults
from rollout.sim.memory import Memory
from rollout.sim.wall import EngineClock

MAX_BYTES = 500 * 1024
"""The limit of 20.10 (moby/swarmkit manager/controlapi/config.go)."""


class SimStore:
    """The port ``Store``."""

    def __init__(self, memory: Memory, faults: Faults, clock: EngineClock) -> None:
        self._memory = memory
        self._faults = faults
        self._clock = clock
        self._entries: dict[str, Entry] = {}

    def create(self, name: str, data: bytes, labels: Mapping[str, str]) -> Entry:
        """Create it, unless the name is taken."""
        return self._faults.write(self._faults.entries, lambda: self._create(name, data, labels))

    def find(self, labels: Mapping[str, str]) -> tuple[Entry, ...]:
        """Those with all these labels, oldest first."""
        self._faults.check()
        return tuple(entry for entry in self._entries.values() if labels.items() <= entry.labels.items())

    def relabel(self, entry: Entry, labels: Mapping[str, str]) -> Entry:
        """Replace its labels if it is still as it was read."""
        return self._faults.write(self._faults.entries, lambda: self._relabel(entry, labels))

    def remove(self, entry: Entry) -> None:
        """Remove exactly this one."""
        self._faults.write(self._faults.entries, lambda: self._entries.pop(entry.id, None))

    def _create(self, name: str, data: bytes, labels: Mapping[str, str]) -> Entry:
        if any(entry.name == name for entry in self._entries.values()):
            raise AlreadyExists(f"a config named {name} is there already")
        if not 0 < len(data) < MAX_BYTES:
            raise EngineRefused(f"a config has to have between 1 and {MAX_BYTES - 1} bytes, not {len(data)}")
        return self._put(Entry(self._memory.identity(), name, 0, dict(labels), data, self._clock.wall()))

    def _relabel(self, entry: Entry, labels: Mapping[str, str]) -> Entry:
        found = self._entries.get(entry.id)
        if found is None:
            raise NotFound(f"the config {entry.name} is gone")
        if found.version != entry.version:
            raise Conflict(f"the config {entry.name} was written meanwhile: update out of sequence")
        return self._put(replace(found, labels=dict(labels)))

    def _put(self, entry: Entry) -> Entry:
        self._memory.version += 1
        written = replace(entry, version=self._memory.version, updated=self._clock.wall())
        self._entries[entry.id] = written
        return written
