"""The Swarm, as the engine needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from rollout.model import (
    Image,
    ImageConfig,
    Node,
    Occupant,
    Service,
    Spec,
    Task,
)


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

    def released_tasks(self, service_id: str, mark: str) -> tuple[Task, ...]:
        """The up-to-date tasks made since the release of that mark (``spec.MARK``), newest first."""
        ...

    def ended_tasks(self, service_id: str) -> tuple[Task, ...]:
        """The up-to-date tasks that are not meant to run any more, as far as Swarm keeps them."""
        ...

    def tasks_by_id(self, task_ids: Sequence[str]) -> tuple[Task, ...]:
        """These tasks, as far as they are there; whether they are up to date is not asked."""
        ...

    def standing_tasks(self) -> Mapping[str, tuple[Task, ...]]:
        """The tasks of all services that are meant to run, newest first, by their service's ID.

        One question, however many services there are; whether the tasks are up to date is not asked.
        """
        ...

    def past_tasks(self, service_ids: Sequence[str]) -> Mapping[str, tuple[Task, ...]]:
        """The tasks of these services that are not meant to run any more, as far as Swarm keeps them.

        The same form, and one question too.
        """
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

    def node_answers(self, task: Task) -> bool:
        """Whether the node of a task that was started there answers now.

        Swarm itself takes three heartbeats to notice that a node is gone.
        """
        ...

    def create(self, spec: Spec, credentials: str | None) -> Service:
        """Create a service. Raises AlreadyExists, EngineRefused, OutcomeUnknown."""
        ...

    def remove(self, service_id: str) -> None:
        """Remove a service; it is no error if it is gone."""
        ...

    def image_config(self, image: Image) -> ImageConfig | None:
        """What an image brings along; None where the engine does not have the image."""
        ...

    def api_version(self) -> tuple[int, int]:
        """The version of the API that the engine speaks with us, as ``(1, 44)``."""
        ...

    def now(self) -> datetime:
        """The engine's time of day, to judge time stamps that it made."""
        ...


class Surroundings(Protocol):
    """What is around a service in its Swarm. Read only where a check has a question."""

    def occupants(self) -> tuple[Occupant, ...]:
        """The tasks of all services that are meant to run and have a node."""
        ...

    def has_secret(self, secret_id: str) -> bool:
        """Whether there is such a secret."""
        ...

    def config_text(self, config_id: str) -> str | None:
        """What a config holds, as text; None where there is none such."""
        ...
