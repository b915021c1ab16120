"""A Swarm in memory, behind the same ports as the real one: for tests, and to rehearse a deployment.

Deterministic and on virtual time; what swarmkit's orchestrator does with a service is modelled closely enough
that one suite of tests (tests/contract) passes on it and on real engines.
"""

from __future__ import annotations

from rollout.sim.behaviour import Behaviour, Health, command
from rollout.sim.clock import SimClock
from rollout.sim.configs import SimStore
from rollout.sim.faults import Killed, kill
from rollout.sim.load import Load
from rollout.sim.prober import SimProber
from rollout.sim.registry import SimRegistry
from rollout.sim.specs import service_spec
from rollout.sim.swarm import SimSwarm
from rollout.sim.timing import Timing
from rollout.sim.world import world_of

__all__ = [
    "Behaviour",
    "Health",
    "Killed",
    "Load",
    "SimClock",
    "SimProber",
    "SimRegistry",
    "SimStore",
    "SimSwarm",
    "Timing",
    "command",
    "kill",
    "service_spec",
    "world_of",
]
