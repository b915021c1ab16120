"""A task of the simulated Swarm as its store keeps it: replaced whole, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rollout.model import Image, Spec, Task, TaskState
from rollout.sim.service import SimService


@dataclass(frozen=True)
class SimTask:
    """One try at running one replica; ``at`` is when its state was last reported.

    ``service_labels`` are those of the service when it was made.
    """

    id: str
    service_id: str
    slot: int
    node_id: str
    spec: Spec
    endpoint: Spec
    spec_version: int
    credentials: str | None
    state: TaskState
    desired: TaskState
    created: float
    at: float
    message: str = "created"
    error: str = ""
    exit_code: int | None = None
    service_labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether Swarm means it to run now or next."""
        return self.desired <= TaskState.RUNNING

    @property
    def ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.state > TaskState.RUNNING

    @property
    def key(self) -> str:
        """Its slot: a number, or the node in global mode."""
        return str(self.slot) if self.slot else self.node_id

    @property
    def container(self) -> dict[str, Any]:
        """Its ContainerSpec."""
        found: dict[str, Any] = self.spec.get("ContainerSpec") or {}
        return found

    @property
    def image(self) -> Image:
        """The image that it runs."""
        return Image.parse(str(self.container.get("Image", "")))

    @property
    def restart_policy(self) -> dict[str, Any]:
        """Its RestartPolicy."""
        found: dict[str, Any] = self.spec.get("RestartPolicy") or {}
        return found

    def as_task(self, up_to_date: bool, since: datetime) -> Task:
        """The task as the port shows it."""
        return Task(
            id=self.id,
            slot=self.key,
            state=self.state,
            desired=self.desired,
            up_to_date=up_to_date,
            image=self.image,
            node_id=self.node_id,
            error=self.error,
            message=self.message,
            exit_code=self.exit_code,
            since=since.isoformat(),
            start_seconds=self.at - self.created if self.state == TaskState.RUNNING else None,
        )


def new_task(identity: str, service: SimService, place: tuple[int, str], now: float) -> SimTask:
    """A task by the service's spec of now for a slot or, in global mode, for a node."""
    return SimTask(
        id=identity,
        service_id=service.id,
        slot=place[0],
        node_id=place[1],
        spec=service.template,
        endpoint=service.spec.get("EndpointSpec") or {},
        spec_version=service.spec_version,
        credentials=service.credentials,
        state=TaskState.NEW,
        desired=TaskState.RUNNING,
        created=now,
        at=now,
        service_labels=dict(service.spec.get("Labels") or {}),
    )
