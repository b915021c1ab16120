"""The simulation as the world of a deployment."""

from __future__ import annotations

from rollout.ports import Sink, World
from rollout.sim.background import AtOnce
from rollout.sim.swarm import SimSwarm


def world_of(swarm: SimSwarm, sink: Sink) -> World:
    """Everything that a deployment needs, on the simulation's own clock."""
    return World(
        swarm=swarm,
        surroundings=swarm.surroundings,
        store=swarm.store,
        registry=swarm.registry,
        prober=swarm.prober,
        instruments=swarm.instruments,
        sampler=swarm.sampler,
        background=AtOnce(),
        clock=swarm.clock,
        sink=sink,
    )
