"""What happens during a deployment, as values for whoever shows or stores it.

``at`` is in seconds on the deployment's clock, counted from its start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from rollout.model import Cause, Impact, Outcome, Plan, Slot, Verdict


@dataclass(frozen=True)
class Note:
    """Something worth a line: a lock that was taken over, a read tried again. ``warning`` stands out."""

    at: float
    sentence: str
    warning: bool = False


@dataclass(frozen=True)
class RehearsalStarted:
    """All that follows happens on a simulated Swarm: nothing real is touched."""

    at: float


@dataclass(frozen=True)
class Planned:
    """The plan is made; nothing has been touched."""

    at: float
    plan: Plan


@dataclass(frozen=True)
class StepStarted:
    """A step (counted from 1) begins to release ``release`` slots, so that ``upto`` run the target."""

    at: float
    number: int
    steps: int
    release: int
    upto: int


@dataclass(frozen=True)
class Observed:
    """The slots as just seen, with the host name of each task's node by task id."""

    at: float
    slots: tuple[Slot, ...]
    nodes: dict[str, str]


@dataclass(frozen=True)
class GateProgress:
    """A gate has measured: ``passed`` and ``failed`` out of the ``wanted`` measurements (0: not counted)."""

    at: float
    gate: str
    passed: int
    failed: int
    wanted: int


@dataclass(frozen=True)
class GateJudged:
    """A gate has made up its mind."""

    at: float
    gate: str
    verdict: Verdict
    evidence: str


@dataclass(frozen=True)
class StepPassed:
    """Every gate of the step has passed; ``done`` of ``slots`` run the target."""

    at: float
    number: int
    steps: int
    done: int
    slots: int


@dataclass(frozen=True)
class HoldStarted:
    """The plan has a pause here: for ``seconds``, or (None) until somebody promotes it."""

    at: float
    seconds: float | None


@dataclass(frozen=True)
class HoldEnded:
    """It goes on; ``promoted`` is whether somebody said so."""

    at: float
    promoted: bool


@dataclass(frozen=True)
class BakeStarted:
    """Every slot runs the target; they are watched for ``seconds`` more."""

    at: float
    seconds: float


@dataclass(frozen=True)
class Measured:
    """What users have met so far, as the prober in the background saw it."""

    at: float
    impact: Impact


@dataclass(frozen=True)
class PullStarted:
    """The new image is pulled on these nodes, given by host name."""

    at: float
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class PullEnded:
    """A node has the image, ``seconds`` after it was told to pull; or not, and ``error`` says why."""

    at: float
    node: str
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class OneShotStarted:
    """A one-shot task begins: ``purpose`` is "before hook", "smoke test" and the like."""

    at: float
    purpose: str
    command: str


@dataclass(frozen=True)
class OneShotEnded:
    """A one-shot task has ended; ``log`` is what it said, ``error`` is empty if it succeeded."""

    at: float
    purpose: str
    seconds: float
    error: str
    log: tuple[str, ...] = ()


@dataclass(frozen=True)
class Waiting:
    """It cannot go on for the moment, for a reason that is not the release's; it is tried until ``limit``.

    ``limit`` is in seconds on the deployment's clock.
    """

    at: float
    cause: Cause
    limit: float


@dataclass(frozen=True)
class ReleaseFailed:
    """The release is judged bad. What follows depends on ``--on-failure``."""

    at: float
    cause: Cause


@dataclass(frozen=True)
class RollbackStarted:
    """The baseline is written; ``slots`` slots have to go back."""

    at: float
    slots: int


@dataclass(frozen=True)
class RolledBack:
    """The baseline runs in every slot again, ``seconds`` after the rollback was written."""

    at: float
    seconds: float


@dataclass(frozen=True)
class Finished:
    """The last event: the outcome."""

    at: float
    outcome: Outcome


Event: TypeAlias = (
    RehearsalStarted
    | Note
    | Planned
    | StepStarted
    | Observed
    | GateProgress
    | GateJudged
    | StepPassed
    | HoldStarted
    | HoldEnded
    | BakeStarted
    | Measured
    | PullStarted
    | PullEnded
    | OneShotStarted
    | OneShotEnded
    | Waiting
    | ReleaseFailed
    | RollbackStarted
    | RolledBack
    | Finished
)
