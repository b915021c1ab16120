"""Puts the adapters behind the ports. The docker SDK is imported here, so import this late."""

from __future__ import annotations

from dataclasses import replace

from rollout.background import Threads
from rollout.clock import SystemClock
from rollout.errors import RolloutError
from rollout.events import Note
from rollout.instruments import LocalInstruments
from rollout.ports import Sink, World
from rollout.prober import HttpProber
from rollout.registry import EngineRegistry
from rollout.sampler import ThreadSampler
from rollout.swarm import EngineStore, EngineSurroundings, EngineSwarm, Patience, reach
from rollout.swarm.patience import PATIENCE

REGISTRY_PATIENCE = 25.0
"""Seconds: registries are restarted now and then. The lock is kept meanwhile."""


def open_world(host: str | None, sink: Sink) -> World:
    """Everything that a deployment needs, over one connection to one manager."""
    clock = SystemClock()
    patience = Patience(clock, notice=_Telling(sink, clock))
    client, prober = reach(host), HttpProber()
    return World(
        swarm=EngineSwarm(client, patience),
        surroundings=EngineSurroundings(client, patience),
        store=EngineStore(client, patience),
        registry=EngineRegistry(client, replace(patience, seconds=REGISTRY_PATIENCE)),
        prober=prober,
        instruments=LocalInstruments(),
        sampler=ThreadSampler(HttpProber(), clock),
        background=Threads(),
        clock=clock,
        sink=sink,
    )


def open_stores(host: str | None, patience: float = PATIENCE) -> tuple[EngineSwarm, EngineStore]:
    """Services and records, for reading; ``patience`` in seconds."""
    client, patient = reach(host), Patience(SystemClock(), patience)
    return EngineSwarm(client, patient), EngineStore(client, patient)


def open_swarm(host: str | None, patience: float) -> EngineSwarm:
    """The Swarm alone, for reading; ``patience`` in seconds."""
    return EngineSwarm(reach(host), Patience(SystemClock(), patience))


class _Telling:
    """Tells the sink that a read is tried again."""

    def __init__(self, sink: Sink, clock: SystemClock) -> None:
        self._sink = sink
        self._clock = clock
        self._began = clock.now()

    def __call__(self, error: RolloutError, seconds: float) -> None:
        sentence = f"{error.message}; trying again in {seconds:.1f}s"
        self._sink.emit(Note(self._clock.now() - self._began, sentence, warning=True))
