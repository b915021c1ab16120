"""What the engine of rollout needs from the world, as narrow protocols.

Every call may raise ``EngineUnavailable`` (temporary) and ``EngineReplyInvalid``; more is said per method.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rollout.events import Event
from rollout.model import HttpProbe, Image, Node, ProbeResult, Service, Spec, Task


class Swarm(Protocol):
    """The orchestrator, seen from one of its managers."""

    def services(self) -> tuple[Service, ...]:
        """All services."""
        ...

    def service(self, service_id: str) -> Service:
        """One service by ID or full name, read from the leader. Raises NotFound."""
        ...

    def tasks(self, service_id: str) -> tuple[Task, ...]:
        """A service's tasks, past ones included as far as Swarm keeps them, newest first."""
        ...

    def nodes(self) -> tuple[Node, ...]:
        """The nodes."""
        ...

    def update(self, service: Service, spec: Spec, credentials: str | None) -> None:
        """Write ``spec`` over ``service`` if it is still at ``service.version``.

        ``credentials`` is the value of X-Registry-Auth; None keeps those that the spec in force has.
        Raises Conflict when it was written meanwhile, OutcomeUnknown when the connection broke,
        EngineRefused when the spec is not acceptable, NotFound when the service is gone.
        """
        ...

    def logs(self, task_id: str, lines: int) -> tuple[str, ...]:
        """The last lines that a task wrote, as far as they can be had: an empty tuple otherwise."""
        ...

    def image_has_healthcheck(self, image: Image) -> bool | None:
        """Whether an image brings a HEALTHCHECK; None where the engine does not have the image."""
        ...

    def now(self) -> datetime:
        """The engine's time of day, to judge time stamps that it made."""
        ...


@dataclass(frozen=True)
class Entry:
    """A named value in the Swarm: ``data`` never changes, ``labels`` may; ``updated`` is engine time."""

    id: str
    name: str
    version: int
    labels: Mapping[str, str]
    data: bytes
    updated: datetime


class Store(Protocol):
    """Small values kept in the Swarm itself (its configs)."""

    def create(self, name: str, data: bytes, labels: Mapping[str, str]) -> Entry:
        """Create it; raises AlreadyExists if the name is taken: of two callers one wins."""
        ...

    def find(self, labels: Mapping[str, str]) -> tuple[Entry, ...]:
        """Those that carry all these labels, oldest first."""
        ...

    def relabel(self, entry: Entry, labels: Mapping[str, str]) -> Entry:
        """Replace the labels if nobody wrote it since; raises Conflict, NotFound, OutcomeUnknown."""
        ...

    def remove(self, entry: Entry) -> None:
        """Remove exactly this one (by ID); it is no error if it is gone."""
        ...


class Registry(Protocol):
    """Where images come from."""

    def resolve(self, image: Image) -> Image:
        """The image with its tag's digest now.

        Raises ImageNotFound, RegistryDenied, RegistryUnavailable.
        """
        ...

    def credentials(self, image: Image) -> str | None:
        """The value of X-Registry-Auth for the image's registry, if the caller has a login there."""
        ...


class Prober(Protocol):
    """Asks as a user would."""

    def ask(self, probe: HttpProbe) -> ProbeResult:
        """One request over a new connection; never raises."""
        ...

    def ask_together(self, probe: HttpProbe, requests: int) -> tuple[ProbeResult, ...]:
        """So many requests at the same time, each over a new connection; never raises."""
        ...


class Clock(Protocol):
    """Time, so that it can be an argument."""

    def now(self) -> float:
        """Seconds on a clock that only goes forward."""
        ...

    def wall(self) -> datetime:
        """The time of day, UTC, for records."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Sink(Protocol):
    """Where events go. Never raises: showing must not break doing."""

    def emit(self, event: Event) -> None:
        """Take one event."""
        ...


@dataclass(frozen=True)
class World:
    """Everything outside, in one hand."""

    swarm: Swarm
    store: Store
    registry: Registry
    prober: Prober
    clock: Clock
    sink: Sink
