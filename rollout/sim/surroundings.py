"""What is around a service of the simulation: the port ``Surroundings``."""

from __future__ import annotations

from rollout import demands
from rollout.model import Occupant, TaskState
from rollout.sim.faults import Faults
from rollout.sim.memory import Memory
from rollout.sim.task import SimTask


class SimSurroundings:
    """A Swarm with the secrets and configs that a test has put there."""

    def __init__(self, memory: Memory, faults: Faults) -> None:
        self._memory = memory
        self._faults = faults
        self.secrets: set[str] = set()
        self.configs: dict[str, str] = {}

    def occupants(self) -> tuple[Occupant, ...]:
        """The tasks that are meant to run and have a node."""
        self._faults.check()
        tasks = self._memory.tasks.values()
        return tuple(_occupant(task) for task in tasks if task.wanted and _holds_room(task))

    def has_secret(self, secret_id: str) -> bool:
        """Whether there is such a secret."""
        self._faults.check()
        return secret_id in self.secrets

    def config_text(self, config_id: str) -> str | None:
        """What a config holds."""
        self._faults.check()
        return self.configs.get(config_id)


def _holds_room(task: SimTask) -> bool:
    return TaskState.ASSIGNED <= task.state <= TaskState.RUNNING


def _occupant(task: SimTask) -> Occupant:
    cpus, memory = demands.reservations({"TaskTemplate": task.spec})
    ports = demands.host_ports({"EndpointSpec": task.endpoint})
    return Occupant(task.node_id, task.service_id, cpus, memory, ports)
