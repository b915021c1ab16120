"""The port ``Surroundings`` over one engine's API."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from rollout import demands
from rollout.errors import NotFound
from rollout.model import HostPort, Occupant, TaskState
from rollout.swarm.client import Engine, Json, segment
from rollout.swarm.parse import many, service
from rollout.swarm.patience import USUAL, Patience
from rollout.swarm.reader import Reader
from rollout.swarm.reply import Reply

_HOLDS_ROOM = range(TaskState.ASSIGNED, TaskState.RUNNING + 1)
"""States in which a task counts for its node (moby/swarmkit manager/scheduler/scheduler.go)."""


class EngineSurroundings:
    """What is around a service, seen from one of the managers."""

    def __init__(self, client: Engine, patience: Patience = USUAL) -> None:
        self._reader = Reader(client, patience)

    def occupants(self) -> tuple[Occupant, ...]:
        """The tasks that are meant to run and have a node; those that are on their way out do not count."""
        services = many(self._reader.listed("list the services", "/services"), "services", service)
        ports = {one.id: demands.host_ports(one.spec) for one in services}
        raw = self._reader.listed("list the tasks", "/tasks", {"desired-state": ["running"]})
        found = (_occupant(Reply(one, "a task"), ports) for one in Reply(raw, "tasks").items())
        return tuple(occupant for occupant in found if occupant is not None)

    def has_secret(self, secret_id: str) -> bool:
        """Whether there is such a secret."""
        return self._found("secret", secret_id) is not None

    def config_text(self, config_id: str) -> str | None:
        """What a config holds, as text."""
        raw = self._found("config", config_id)
        if raw is None:
            return None
        reply = Reply(raw, f"config {config_id}")
        try:
            return base64.b64decode(reply.maybe("Spec.Data", ""), validate=True).decode(errors="replace")
        except binascii.Error:
            raise reply.wrong("Spec.Data", "is not base64") from None

    def _found(self, kind: str, identity: str) -> Json:
        try:
            return self._reader.get(f"read a {kind}", f"/{kind}s/{segment(identity)}")
        except NotFound:
            return None


def _occupant(task: Reply, ports: dict[str, frozenset[HostPort]]) -> Occupant | None:
    node, owner = task.maybe("NodeID", ""), task.text("ServiceID")
    state = TaskState.__members__.get(task.text("Status.State").upper(), TaskState.NEW)
    if not node or state not in _HOLDS_ROOM:
        return None
    reserved: dict[str, Any] = task.maybe("Spec.Resources.Reservations", {})
    amounts = Reply(reserved, "a task's reservations")
    return Occupant(
        node_id=node,
        service_id=owner,
        nano_cpus=amounts.maybe("NanoCPUs", 0),
        memory=amounts.maybe("MemoryBytes", 0),
        ports=ports.get(owner, frozenset()),
    )
