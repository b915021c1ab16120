"""What gates say, and how a deployment ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from rollout.model.impact import Impact
from rollout.model.plan import Change
from rollout.model.swarm import Image, Task


class Verdict(StrEnum):
    """What a gate says."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class ProbeResult:
    """One answer to a probe; ``error`` says what was wrong with it. ``seconds`` is its duration.

    ``reached`` is False where nobody was there to answer (the name does not resolve, nothing listens), and
    ``resolved`` where it was the name; ``told`` is False where there was an answer, but it could not be found
    out whether it is right; ``version`` is what the answer's version header said.
    """

    ok: bool
    seconds: float = 0.0
    status: int | None = None
    error: str = ""
    reached: bool = True
    resolved: bool = True
    told: bool = True
    version: str = ""


@dataclass(frozen=True)
class Ran:
    """A command that ran on this machine; ``exit_code`` is None if it did not run, ``error`` says why."""

    exit_code: int | None
    output: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Queried:
    """The values that a query gave; ``error`` says why there is no answer at all."""

    values: tuple[float, ...] = ()
    error: str = ""


class CauseKind(StrEnum):
    """Why a deployment did not end as wished."""

    CRASHED = "crashed"
    UNHEALTHY = "unhealthy"
    OUT_OF_MEMORY = "out of memory"
    REJECTED = "rejected"
    IMAGE = "image not usable"
    PULL = "cannot be pulled"
    NOT_STARTED = "not started"
    PROBE = "probe failed"
    SLOW = "too slow"
    GATE = "gate failed"
    SMOKE = "smoke test failed"
    HOOK = "hook failed"
    CAPACITY = "no capacity"
    PORT_TAKEN = "port taken"
    NODE_LOST = "node lost"
    REGISTRY = "registry away"
    INCONCLUSIVE = "gate inconclusive"
    DEADLINE = "deadline passed"
    INTERRUPTED = "interrupted"
    HALTED = "asked to hold"
    ABORTED = "aborted"
    FOREIGN_WRITE = "changed by someone else"
    REMOVED = "removed by someone else"
    LOCK_LOST = "lock lost"
    NOT_QUIET = "not quiet"
    ENGINE = "engine lost"
    ROLLBACK_FAILED = "rollback failed"


@dataclass(frozen=True)
class Judgement:
    """A gate's verdict and the evidence for it, in words."""

    verdict: Verdict
    evidence: str
    cause: CauseKind | None = None
    task: Task | None = None


@dataclass(frozen=True)
class Cause:
    """A cause with its evidence: the task, where it ran, what it said last, what somebody else changed."""

    kind: CauseKind
    sentence: str
    task_id: str = ""
    slot: str = ""
    node: str = ""
    error: str = ""
    log: tuple[str, ...] = ()
    signal: int | None = None
    changes: tuple[Change, ...] = ()


class OutcomeKind(StrEnum):
    """How a deployment ended."""

    DEPLOYED = "deployed"
    UNCHANGED = "unchanged"
    PLANNED = "planned"
    ROLLED_BACK = "rolled back"
    ABORTED = "aborted"
    HELD = "held"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """The end of a deployment, after ``seconds``; ``replaced`` slots were brought over to the target.

    ``paused`` is how many of the seconds were pauses that the plan asked for.
    ``hint`` is what to do next; ``rollback_seconds`` is how long the way back took, where there was one.
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
    rollback_seconds: float | None = None
    impact: Impact | None = None
    paused: float = 0.0
