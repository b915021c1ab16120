"""A plan tried out on the simulated Swarm, with a fault of one's choice: nothing real is touched."""

from __future__ import annotations

from rollout.rehearsal.example import example_world
from rollout.rehearsal.faults import Fault, parse
from rollout.rehearsal.pacing import Pace
from rollout.rehearsal.rehearse import rehearse
from rollout.rehearsal.result import Rehearsed
from rollout.rehearsal.script import Script, write

__all__ = ["Fault", "Pace", "Rehearsed", "Script", "example_world", "parse", "rehearse", "write"]
