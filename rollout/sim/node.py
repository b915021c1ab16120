"""A machine of the simulated Swarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rollout.constraints import satisfied
from rollout.model import Node

GIB = 1024**3


@dataclass(frozen=True)
class SimNode:
    """A node as the managers know it; ``reachable`` is the truth, which they learn some seconds later."""

    id: str
    hostname: str
    manager: bool = False
    ready: bool = True
    reachable: bool = True
    availability: str = "active"
    labels: Mapping[str, str] = field(default_factory=dict)
    nano_cpus: int = 4_000_000_000
    memory: int = 8 * GIB

    @property
    def invalid(self) -> bool:
        """Whether its tasks have to go elsewhere (swarmkit orchestrator.InvalidNode)."""
        return not self.ready or self.availability == "drain"

    @property
    def takes_tasks(self) -> bool:
        """Whether the scheduler may use it."""
        return self.ready and self.availability == "active"

    def satisfies(self, constraints: tuple[str, ...]) -> bool:
        """Whether it meets all placement constraints."""
        return satisfied(constraints, self.as_node())

    def as_node(self) -> Node:
        """The node as the port shows it."""
        active = self.availability == "active"
        return Node(
            id=self.id,
            hostname=self.hostname,
            ready=self.ready,
            active=active,
            manager=self.manager,
            gone=not self.ready,
            labels=self.labels,
            os="linux",
            architecture="x86_64",
            nano_cpus=self.nano_cpus,
            memory=self.memory,
            engine="20.10.24",
            reachable=self.ready,
        )
