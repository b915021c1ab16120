"""The contract's world in the simulation."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from contract.world import Kind

from rollout.model import Image, Service, Spec, Task
from rollout.sim import Behaviour, Health, SimSwarm, command

COMMANDS = {
    "true": command(),
    "false": command(1),
    "echo": command(0, "hello"),
    "sleep": command(seconds=1000.0),
}
"""Those of busybox that the contract uses."""

BEHAVIOURS = {
    Kind.GOOD: Behaviour(healthcheck=False, commands=COMMANDS),
    Kind.CRASHING: Behaviour(healthcheck=False, crash_after=1.0, exit_code=3, log=("dying",)),
    Kind.UNHEALTHY: Behaviour(health=Health.BAD, stop_code=7),
    Kind.POLITE: Behaviour(health=Health.BAD, stop_code=0),
    Kind.SLOW: Behaviour(start_seconds=2.0),
    Kind.SILENT: Behaviour(health=Health.SILENT),
}


class SimWorld:
    """Three nodes in memory; a second costs nothing."""

    def __init__(self, seed: int) -> None:
        self.swarm = SimSwarm(nodes=3, seed=seed)
        self.surroundings = self.swarm.surroundings
        self.store = self.swarm.store
        self._numbers = itertools.count(1)
        for kind, behaviour in BEHAVIOURS.items():
            self.swarm.images[str(self.image(kind))] = behaviour
        self.swarm.images[str(self.image(Kind.GOOD, 2))] = BEHAVIOURS[Kind.GOOD]

    def image(self, kind: Kind, version: int = 1) -> Image:
        return Image(f"registry.example/{kind}", str(version) if kind == Kind.GOOD else None)

    def create(self, wanted: Spec) -> Service:
        return self.swarm.create(wanted)

    def inspect(self, service: Service) -> Mapping[str, Any]:
        return self.swarm.inspect(service.id)

    def crash(self, task: Task) -> None:
        self.swarm.crash(task.id)

    def touch_nodes(self) -> None:
        for node in self.swarm.nodes():
            self.swarm.machines.label(node.id, {"touched": str(next(self._numbers))})

    def cut_off(self, task: Task) -> None:
        self.swarm.machines.lose(task.node_id)

    def reconnect(self, task: Task) -> None:
        self.swarm.machines.find_again(task.node_id)

    def now(self) -> float:
        return self.swarm.clock.now()

    def sleep(self, seconds: float) -> None:
        self.swarm.clock.sleep(seconds)

    def unique(self, name: str) -> str:
        return f"contract-{name}-{next(self._numbers)}"

    def clear(self) -> None:
        """Nothing outlives the world."""
