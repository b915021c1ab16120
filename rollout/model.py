"""The words of the project as values: frozen, comparable, free of effects. Imports nothing of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from math import floor
from typing import Any, TypeAlias

Spec: TypeAlias = Mapping[str, Any]
"""A service spec as the engine's JSON has it, key for key; never edited in place (see ``rollout.spec``)."""


class Order(StrEnum):
    """Which of a slot's two tasks moves first when the slot is released."""

    START_FIRST = "start-first"
    STOP_FIRST = "stop-first"


class OnFailure(StrEnum):
    """What to do with a release that is bad."""

    ROLLBACK = "rollback"
    HOLD = "hold"


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


@dataclass(frozen=True)
class Node:
    """A machine of the Swarm."""

    id: str
    hostname: str
    ready: bool = True
    active: bool = True
    manager: bool = False

    @property
    def eligible(self) -> bool:
        """Whether Swarm would start a task here, constraints aside."""
        return self.ready and self.active


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
        return len(self.wanted) == 1

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
        """Whether the slot runs the spec now in force and nothing else."""
        return self.quiet and self.wanted[0].up_to_date and self.wanted[0].running


@dataclass(frozen=True)
class Service:
    """A service as inspected; ``version`` is Swarm's write counter, not one of our revisions."""

    id: str
    name: str
    version: int
    spec: Spec


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


@dataclass(frozen=True)
class Batch:
    """How many slots a step releases: a count, or a share of all slots."""

    amount: int = 1
    percent: bool = False

    def of(self, slots: int) -> int:
        """The count for so many slots: a share is rounded down, and is never nothing."""
        return max(1, floor(slots * self.amount / 100) if self.percent else self.amount)

    def __str__(self) -> str:
        return f"{self.amount}%" if self.percent else str(self.amount)


@dataclass(frozen=True)
class HttpProbe:
    """A check through the path that users take. ``timeout`` is in seconds."""

    url: str
    expect_status: int | None = None
    timeout: float = 5.0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ProbeResult:
    """One answer to a probe; ``error`` says what was wrong with it. ``seconds`` is its duration."""

    ok: bool
    seconds: float = 0.0
    status: int | None = None
    error: str = ""


class Verdict(StrEnum):
    """What a gate says."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Judgement:
    """A gate's verdict and the evidence for it, in words."""

    verdict: Verdict
    evidence: str
    cause: CauseKind | None = None
    task: Task | None = None


@dataclass(frozen=True)
class Options:
    """How carefully to deploy. All times are in seconds."""

    strategy: str = "rolling"
    batch: Batch = Batch(1)
    order: Order | None = None
    min_ready: float = 5.0
    start_timeout: float = 120.0
    deadline: float = 1800.0
    bake: float = 10.0
    on_failure: OnFailure = OnFailure.ROLLBACK
    probes: tuple[HttpProbe, ...] = ()


@dataclass(frozen=True)
class Situation:
    """What a strategy may know: the slots there are, those already on the target, and the batch wished."""

    slots: int
    done: int
    batch: Batch


@dataclass(frozen=True)
class Step:
    """Release slots until ``upto`` of them run the target; then every gate must pass."""

    upto: int


class PlanKind(StrEnum):
    """What a deployment has to do."""

    UNCHANGED = "unchanged"
    SETTLE = "settle"
    RELEASE = "release"


@dataclass(frozen=True)
class Change:
    """One difference between two specs; ``before`` or ``after`` is None where the field is not there."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Finding:
    """Something that the plan does not protect against, and what would."""

    code: str
    sentence: str
    remedy: str


@dataclass(frozen=True)
class Plan:
    """What will be done, in order: a value to read, to compare and to carry out.

    ``origin`` says for each option who set it; ``seconds`` is the time it should take, if that is known.
    """

    kind: PlanKind
    service: Service
    baseline: Spec
    target: Spec
    old_image: Image
    new_image: Image
    changes: tuple[Change, ...]
    order: Order
    order_reason: str
    slots: int
    done: int
    steps: tuple[Step, ...]
    options: Options
    origin: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    seconds: float | None = None


class CauseKind(StrEnum):
    """Why a deployment did not end as wished."""

    CRASHED = "crashed"
    REJECTED = "rejected"
    NOT_STARTED = "not started"
    PROBE = "probe failed"
    DEADLINE = "deadline passed"
    INTERRUPTED = "interrupted"
    FOREIGN_WRITE = "changed by someone else"
    LOCK_LOST = "lock lost"
    NOT_QUIET = "not quiet"
    ENGINE = "engine lost"
    ROLLBACK_FAILED = "rollback failed"


@dataclass(frozen=True)
class Cause:
    """A cause with its evidence: the task, where it ran, what it said last."""

    kind: CauseKind
    sentence: str
    task_id: str = ""
    slot: str = ""
    node: str = ""
    error: str = ""
    log: tuple[str, ...] = ()
    signal: int | None = None


class OutcomeKind(StrEnum):
    """How a deployment ended."""

    DEPLOYED = "deployed"
    UNCHANGED = "unchanged"
    PLANNED = "planned"
    ROLLED_BACK = "rolled back"
    HELD = "held"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """The end of a deployment, after ``seconds``; ``replaced`` slots were brought over to the target.

    ``hint`` is what to do next.
    """

    kind: OutcomeKind
    service: str
    old_image: Image
    new_image: Image
    seconds: float = 0.0
    replaced: int = 0
    slots: int = 0
    cause: Cause | None = None
    hint: str = ""
    revision: int | None = None
