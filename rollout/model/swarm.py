"""Swarm's own words: services, tasks, slots, nodes and images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

Spec: TypeAlias = Mapping[str, Any]
"""A service spec as the engine's JSON has it, key for key; never edited in place (see ``rollout.spec``)."""


class Order(StrEnum):
    """Which of a slot's two tasks moves first when the slot is released."""

    START_FIRST = "start-first"
    STOP_FIRST = "stop-first"


class Mode(StrEnum):
    """Swarm's service modes."""

    REPLICATED = "replicated"
    GLOBAL = "global"
    JOB = "job"


class TaskState(IntEnum):
    """Swarm's task states in their own order (moby/swarmkit api/types.proto)."""

    NEW = 0
    ALLOCATED = 64
    PENDING = 128
    ASSIGNED = 192
    ACCEPTED = 256
    PREPARING = 320
    READY = 384
    STARTING = 448
    RUNNING = 512
    COMPLETE = 576
    SHUTDOWN = 640
    FAILED = 704
    REJECTED = 768
    REMOVE = 800
    ORPHANED = 832

    @property
    def label(self) -> str:
        """The state as ``docker service ps`` spells it."""
        return self.name.lower()


ENDED_BY_ITSELF = frozenset({TaskState.COMPLETE, TaskState.FAILED, TaskState.REJECTED})
"""States that a task of a service reaches only when nobody asked it to stop."""


@dataclass(frozen=True)
class Image:
    """A reference: ``repository[:tag][@digest]``."""

    repository: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    @lru_cache(maxsize=1024)
    def parse(cls, text: str) -> Image:
        """Take a reference apart; a colon before the last slash belongs to the registry's port."""
        name, _, digest = text.partition("@")
        head, colon, tail = name.rpartition(":")
        if not colon or "/" in tail:
            return cls(name, None, digest or None)
        return cls(head, tail, digest or None)

    @property
    def tagged(self) -> str:
        """The reference without its digest, as a registry is asked for it."""
        return f"{self.repository}:{self.tag or 'latest'}"

    @property
    def short(self) -> str:
        """What a person needs to tell two images apart: ``php:1.2@5f3a9c01``."""
        name = self.repository.rsplit("/", 1)[-1]
        tag = f":{self.tag}" if self.tag else ""
        return f"{name}{tag}" + (f"@{self.digest.removeprefix('sha256:')[:8]}" if self.digest else "")

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.repository}{tag}" + (f"@{self.digest}" if self.digest else "")


class Availability(StrEnum):
    """What a registry says of an image, asked once."""

    UNASKED = "unasked"
    THERE = "there"
    MISSING = "missing"
    DENIED = "denied"
    AWAY = "away"


@dataclass(frozen=True)
class Node:
    """A machine of the Swarm.

    ``gone`` is more than not to be ready: a new leader takes no node for ready until it has heard from it.
    ``reachable`` is what the other managers say of a manager.
    ``nano_cpus`` and ``memory`` (in bytes) are all that it has, None where it does not say; ``engine`` is its
    Docker's version.
    """

    id: str
    hostname: str
    ready: bool = True
    active: bool = True
    manager: bool = False
    gone: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    engine_labels: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    os: str = ""
    architecture: str = ""
    nano_cpus: int | None = None
    memory: int | None = None
    engine: str = ""
    reachable: bool = True


@dataclass(frozen=True)
class Healthcheck:
    """A health check as the engine carries it out; no ``test`` means that there is none. Times in seconds.

    A time of 0 means the engine's default.
    """

    test: tuple[str, ...] = ()
    interval: float = 0.0
    timeout: float = 0.0
    retries: int = 0
    start_period: float = 0.0
    start_interval: float = 0.0

    @property
    def checks(self) -> bool:
        """Whether anything is checked at all."""
        return bool(self.test) and self.test[0] != "NONE"


@dataclass(frozen=True)
class Task:
    """One try at running one replica.

    ``up_to_date`` is the engine's own word: the task needs no replacing under the spec now in force.
    ``since`` is when it entered its state (RFC 3339, the engine's time); ``start_seconds`` is how long it
    took from its creation until it ran, for running tasks.
    """

    id: str
    slot: str
    state: TaskState
    desired: TaskState
    up_to_date: bool
    image: Image
    node_id: str = ""
    error: str = ""
    message: str = ""
    exit_code: int | None = None
    since: str = ""
    start_seconds: float | None = None

    @property
    def wanted(self) -> bool:
        """Whether Swarm means this task to run now or next."""
        return self.desired <= TaskState.RUNNING

    @property
    def running(self) -> bool:
        """Whether it serves and is meant to: with a HEALTHCHECK this means healthy."""
        return self.wanted and self.state == TaskState.RUNNING

    @property
    def died(self) -> bool:
        """Whether it ended without having been asked to."""
        return self.state in ENDED_BY_ITSELF


@dataclass(frozen=True)
class Slot:
    """The place of one replica, with every task that has held it, newest first."""

    key: str
    tasks: tuple[Task, ...]

    @property
    def wanted(self) -> tuple[Task, ...]:
        """The tasks that Swarm means to run; more than one while the slot is being replaced."""
        return tuple(task for task in self.tasks if task.wanted)

    @property
    def quiet(self) -> bool:
        """Whether nothing is being replaced here."""
        return len(self.wanted) == 1 or self.done

    @property
    def current(self) -> Task | None:
        """The task that stands for the slot: the up-to-date one where there is a choice."""
        candidates = self.wanted or self.tasks
        return next((task for task in candidates if task.up_to_date), candidates[0] if candidates else None)

    @property
    def touched(self) -> bool:
        """Whether a task of the spec now in force is meant to run here."""
        return any(task.up_to_date for task in self.wanted)

    @property
    def done(self) -> bool:
        """Whether the slot runs the spec now in force and nothing else.

        There may be two such tasks: an old one that crashes while it is being replaced comes back by the
        new spec, and both stay until the next write (seen on 20.10).
        """
        return bool(self.wanted) and all(task.up_to_date and task.running for task in self.wanted)

    @property
    def doubled(self) -> bool:
        """Whether several tasks run side by side, and not all of the spec now in force.

        For a moment that is how start-first goes. It stays so where the first task of the new spec died, for
        whatever reason, and a second one came up: Swarm's updater has given the slot up by then, and only
        the next write takes the old task away (moby/swarmkit manager/orchestrator/update/updater.go).
        """
        several = len(self.wanted) > 1 and not self.done
        return several and all(task.running for task in self.wanted)

    @property
    def still(self) -> bool:
        """Whether nothing moves here, unless old and new stand side by side for a moment only."""
        return self.quiet or self.doubled


@dataclass(frozen=True)
class Service:
    """A service as inspected; ``version`` is Swarm's write counter, not one of our revisions.

    ``update_state`` is what Swarm's updater says of itself, ``update_began`` when its update began, as the
    leader has stamped it; ``previous`` is where ``docker service rollback`` would go.
    """

    id: str
    name: str
    version: int
    spec: Spec
    update_state: str = ""
    previous: Spec | None = None
    update_began: str = ""


@dataclass(frozen=True)
class Snapshot:
    """Everything that a plan is made from, read once."""

    service: Service
    slots: tuple[Slot, ...]
    nodes: Mapping[str, Node] = field(default_factory=dict)

    def node_name(self, task: Task) -> str:
        """The host name of a task's node, or what is known of it."""
        node = self.nodes.get(task.node_id)
        return node.hostname if node else task.node_id[:12] or "no node"
