"""What the engine of rollout needs from the world, as narrow protocols.

Every call may raise ``EngineUnavailable`` (temporary) and ``EngineReplyInvalid``; more is said per method.
"""

from __future__ import annotations

from dataclasses import dataclass

from rollout.ports.asking import Instruments, Prober, Sampler, Sampling
from rollout.ports.beside import Background, Pending
from rollout.ports.clock import Clock
from rollout.ports.registry import Registry
from rollout.ports.store import Entry, Store
from rollout.ports.swarm import Surroundings, Swarm
from rollout.ports.telling import Notifier, Sink

__all__ = [
    "Background",
    "Clock",
    "Entry",
    "Instruments",
    "Notifier",
    "Pending",
    "Prober",
    "Registry",
    "Sampler",
    "Sampling",
    "Sink",
    "Store",
    "Surroundings",
    "Swarm",
    "World",
]


@dataclass(frozen=True)
class World:
    """Everything outside, in one hand."""

    swarm: Swarm
    surroundings: Surroundings
    store: Store
    registry: Registry
    prober: Prober
    instruments: Instruments
    sampler: Sampler
    background: Background
    clock: Clock
    sink: Sink
