"""A service of the simulated Swarm as its store keeps it: replaced whole, never edited."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from rollout.model import Service, Spec
from rollout.sim.clock import EPOCH


@dataclass(frozen=True)
class UpdateStatus:
    """What the updater says of itself."""

    state: str
    message: str
    started: float
    completed: float | None = None

    @property
    def began(self) -> str:
        """When it began, as a time of day."""
        return (EPOCH + timedelta(seconds=self.started)).isoformat()


@dataclass(frozen=True)
class SimService:
    """A service; ``version`` counts all writes, ``spec_version`` is that at which the spec was written.

    ``alike`` remembers whether what was written at two spec versions gives the same tasks.
    """

    id: str
    spec: Spec
    version: int = 0
    spec_version: int = 0
    credentials: str | None = None
    previous_spec: Spec | None = None
    previous_spec_version: int = 0
    update_status: UpdateStatus | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.spec["Name"])

    @property
    def template(self) -> Spec:
        """Its TaskTemplate."""
        found: Spec = self.spec["TaskTemplate"]
        return found

    @property
    def is_global(self) -> bool:
        """Whether it runs one task a node."""
        return "Global" in self.spec["Mode"]

    @property
    def replicas(self) -> int:
        """The replicas wanted in replicated mode."""
        return int(self.spec["Mode"]["Replicated"].get("Replicas", 0))

    @property
    def constraints(self) -> tuple[str, ...]:
        """Its placement constraints."""
        return tuple((self.template.get("Placement") or {}).get("Constraints") or ())

    @property
    def status(self) -> str:
        """The state in its update status; empty without one."""
        return self.update_status.state if self.update_status else ""

    @cached_property
    def shown(self) -> Service:
        """The service as the port shows it: the same value as long as it is not written."""
        began = self.update_status.began if self.update_status else ""
        return Service(self.id, self.name, self.version, self.spec, self.status, self.previous_spec, began)

    def pacing(self, key: str) -> dict[str, Any] | None:
        """One of its ``UpdateConfig`` and ``RollbackConfig``; None where the defaults apply."""
        found: dict[str, Any] | None = self.spec.get(key)
        return found

    alike: dict[tuple[int, int], bool] = field(default_factory=dict, compare=False, repr=False)
