"""Small values that are kept in the Swarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    """A named value in the Swarm: ``data`` never changes, ``labels`` may; ``updated`` is engine time."""

    id: str
    name: str
    version: int
    labels: Mapping[str, str]
    data: bytes
    updated: datetime


class Store(Protocol):
    """Small values kept in the Swarm itself (its configs)."""

    def create(self, name: str, data: bytes, labels: Mapping[str, str]) -> Entry:
        """Create it; raises AlreadyExists if the name is taken: of two callers one wins."""
        ...

    def find(self, labels: Mapping[str, str]) -> tuple[Entry, ...]:
        """Those that carry all these labels, oldest first."""
        ...

    def relabel(self, entry: Entry, labels: Mapping[str, str]) -> Entry:
        """Replace the labels if nobody wrote it since; raises Conflict, NotFound, OutcomeUnknown."""
        ...

    def remove(self, entry: Entry) -> None:
        """Remove exactly this one (by ID); it is no error if it is gone."""
        ...
