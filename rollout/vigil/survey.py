"""What one look shows: frozen, so that rules over it are pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rollout import spec
from rollout.model import Concern, Mode, Node, Service, Task, TaskState, WatchProbe
from rollout.placement import eligible
from rollout.state.held import HeldLock
from rollout.state.record import Record
from rollout.vigil.streak import Streak


@dataclass(frozen=True)
class Standing:
    """One service with what is around it. ``tasks`` are those that are meant to run, ``past`` the others.

    ``past`` is read only where something moves: see ``rollout.vigil.sight``. ``wanted`` is the number of
    replicas that should run; ``started`` of them have a process, ``healthy`` of them are well as far as their
    health check, if there is one, can tell.
    """

    service: Service
    wanted: int
    started: int
    healthy: int
    tasks: tuple[Task, ...] = ()
    past: tuple[Task, ...] = ()
    lock: HeldLock | None = None
    unfinished: Record | None = None

    @property
    def id(self) -> str:
        """The service's ID."""
        return self.service.id

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    @property
    def short(self) -> bool:
        """Whether replicas are missing."""
        return self.healthy < self.wanted

    @property
    def dead(self) -> bool:
        """Whether no replica at all is left of those that should run."""
        return self.wanted > 0 and not self.healthy


@dataclass(frozen=True)
class LoginFound:
    """What is known of the login for a registry: when it ends, or what stands in its way."""

    registry: str
    expires: datetime | None = None
    error: str = ""


@dataclass(frozen=True)
class Survey:
    """One look. ``at`` is on the watcher's clock, ``now`` is the engine's time of day.

    ``lost`` are the names of services that were asked for and are not there, ``unwatched`` the IDs of those
    that were not asked for. ``blind_to`` are concerns of which nothing is known yet: their alerts stay.
    """

    at: float
    now: datetime
    standings: tuple[Standing, ...] = ()
    nodes: Mapping[str, Node] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    unwatched: frozenset[str] = frozenset()
    probes: tuple[tuple[WatchProbe, Streak], ...] = ()
    logins: tuple[LoginFound, ...] = ()
    seconds: float = 0.0
    blind_to: frozenset[Concern] = frozenset()

    def node_name(self, node_id: str) -> str:
        """A node's host name, or what is known of it."""
        node = self.nodes.get(node_id)
        return node.hostname if node else node_id[:12]


def stand(service: Service, tasks: tuple[Task, ...], nodes: Mapping[str, Node]) -> Standing:
    """How a service stands by its tasks alone. A slot may have two tasks for a while: it is one replica."""
    healthy = {task.slot for task in tasks if task.state == TaskState.RUNNING}
    started = healthy | {task.slot for task in tasks if task.state == TaskState.STARTING}
    kind = spec.mode(service.spec)
    if kind == Mode.GLOBAL:  # a task on a node that is paused stands for no other node
        places = _places(service, nodes)
        return Standing(service, len(places), len(started & places), len(healthy & places), tasks)
    wanted = 0 if kind == Mode.JOB else spec.replicas(service.spec) or 0
    return Standing(service, wanted, len(started), len(healthy), tasks)


def _places(service: Service, nodes: Mapping[str, Node]) -> frozenset[str]:
    """The nodes on which a global service should run: they are its slots."""
    able = (node for node in nodes.values() if node.active and node.ready)
    return frozenset(node.id for node in able if eligible(node, service.spec))


def restart_condition(service: Service) -> str:
    """When Swarm starts another task in place of one that ended: ``any``, ``on-failure`` or ``none``."""
    policy = (service.spec.get("TaskTemplate") or {}).get("RestartPolicy") or {}
    return str(policy.get("Condition") or "any")


def with_past(found: Standing, past: tuple[Task, ...]) -> Standing:
    """The same with its past tasks: a replica that has done its work for good is not wanted any more."""
    done = _done(found, past) if restart_condition(found.service) != "any" else 0
    return Standing(
        found.service,
        max(found.healthy, found.wanted - done),
        found.started,
        found.healthy,
        found.tasks,
        past,
        found.lock,
        found.unfinished,
    )


def _done(found: Standing, past: tuple[Task, ...]) -> int:
    last: dict[str, Task] = {}
    for task in past:
        last.setdefault(task.slot, task)
    standing = {task.slot for task in found.tasks}
    return sum(task.state == TaskState.COMPLETE for slot, task in last.items() if slot not in standing)
