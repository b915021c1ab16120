"""Who takes up room on the nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

HostPort: TypeAlias = tuple[str, int]
"""A port published in host mode: protocol and number."""


@dataclass(frozen=True)
class Occupant:
    """A task on a node, of whichever service, with what it keeps from others there; memory in bytes."""

    node_id: str
    service_id: str
    nano_cpus: int = 0
    memory: int = 0
    ports: frozenset[HostPort] = frozenset()
