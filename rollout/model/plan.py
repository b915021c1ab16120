"""What is wanted, how carefully, and what will be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from math import floor

from rollout.model.finding import Finding
from rollout.model.gate import Gate, HttpProbe, OneShot
from rollout.model.overrides import Overrides
from rollout.model.swarm import Image, Order, Service, Spec


class OnFailure(StrEnum):
    """What to do with a release that is bad."""

    ROLLBACK = "rollback"
    HOLD = "hold"


class OnStuck(StrEnum):
    """What to do when a deployment cannot go on for a reason that is not the release's."""

    HOLD = "hold"
    ROLLBACK = "rollback"


class OnInterrupt(StrEnum):
    """What a first Ctrl-C or SIGTERM does to a deployment under way."""

    HOLD = "hold"
    ROLLBACK = "rollback"


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


class Rest(StrEnum):
    """How a canary goes on after its first stage."""

    ROLLING = "rolling"
    RAMP = "ramp"


@dataclass(frozen=True)
class Hold:
    """A pause while the gates watch: for so many ``seconds``, or (None) until somebody promotes."""

    seconds: float | None = None


@dataclass(frozen=True)
class Options:
    """How carefully to deploy. All times are in seconds; ``impact_rate`` is in requests a second."""

    strategy: str = "rolling"
    batch: Batch = Batch(1)
    stages: tuple[Batch, ...] = (Batch(1),)
    pause: Hold = Hold(300.0)
    rest: Rest = Rest.ROLLING
    order: Order | None = None
    min_ready: float = 5.0
    start_timeout: float = 120.0
    gate_timeout: float = 120.0
    progress_timeout: float = 600.0
    deadline: float = 1800.0
    rollback_timeout: float = 300.0
    bake: float = 10.0
    on_failure: OnFailure = OnFailure.ROLLBACK
    on_stuck: OnStuck = OnStuck.HOLD
    on_interrupt: OnInterrupt = OnInterrupt.HOLD
    fast_health: bool = True
    prepull: bool = True
    impact_rate: float = 5.0
    probes: tuple[HttpProbe, ...] = ()
    gates: tuple[Gate, ...] = ()
    smoke: OneShot | None = None
    before: tuple[OneShot, ...] = ()
    after: tuple[OneShot, ...] = ()
    on_rollback: tuple[OneShot, ...] = ()
    overrides: Overrides = field(default_factory=Overrides)
    ignore_checks: tuple[str, ...] = ()
    strict: bool = False
    keep: int = 10


@dataclass(frozen=True)
class Watched:
    """How far a deployment has come whose pauses are over: ``upto`` of ``slots`` slots, as they were then."""

    upto: int = 0
    slots: int = 0

    def of(self, slots: int) -> int:
        """The same share of so many slots: whoever has watched 1 of 4 has watched none of 2."""
        return self.upto * slots // self.slots if self.slots else 0


@dataclass(frozen=True)
class Situation:
    """What a strategy may know: the slots there are, those already on the target, and what was wished.

    ``stages`` are counted from the start, each as the slots that are on the target at its end. ``watched`` is
    up to how many slots the pauses are over; more may be ``done`` without anybody's doing (a new leader, a
    crashed replica of the old release).
    """

    slots: int
    done: int
    batch: Batch = Batch(1)
    stages: tuple[Batch, ...] = (Batch(1),)
    pause: Hold = Hold()
    rest: Rest = Rest.ROLLING
    order: Order = Order.START_FIRST
    watched: int = 0


@dataclass(frozen=True)
class Step:
    """Release slots until ``upto`` of them run the target; then every gate must pass, and a ``hold`` follows.

    ``preview`` replicas of the target have to stand and be tried beside the baseline first, where no user's
    request reaches them; they are gone before the step begins. Only the first step of a plan can have them.
    """

    upto: int
    hold: Hold | None = None
    preview: int = 0


def at_once_of(ends: Sequence[int]) -> int:
    """The most slots that one step releases, by how many are on the target before and after each."""
    return max((after - before for before, after in pairwise(ends)), default=1) or 1


class PlanKind(StrEnum):
    """What a deployment has to do."""

    UNCHANGED = "unchanged"
    SETTLE = "settle"
    RELEASE = "release"
    ABORT = "abort"


@dataclass(frozen=True)
class Change:
    """One difference between two specs; ``before`` or ``after`` is None where the field is not there."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Plan:
    """What will be done, in order: a value to read, to compare and to carry out.

    ``back`` is how many replicas an unfinished deployment of something else has left behind: they go back to
    the baseline before anything else is done. None where there is no such deployment.

    ``origin`` says for each option who set it; ``seconds`` is the time it should take, if that is known,
    judged by so many earlier deployments (``precedents``; with none, by how long the present tasks took).
    ``sources`` are the source revisions of the old and the new image by their labels, empty where those say
    nothing.
    ``at_once`` is the most slots that one step releases; the way back stops no more than so many at once.
    ``watched`` is how far earlier pauses, of a deployment that was interrupted, are over.
    ``before`` is what is in force, where that is not where there is to go back to: when it is undone at once.
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
    precedents: int = 0
    back: int | None = None
    sources: tuple[str, str] = ("", "")
    at_once: int = 1
    watched: Watched = Watched()
    before: Spec | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many slots each step releases."""
        ends = [self.done, *(step.upto for step in self.steps)]
        return tuple(after - before for before, after in pairwise(ends))

    @property
    def preview(self) -> int:
        """The replicas of the target that are tried beside the baseline before the first step."""
        return self.steps[0].preview if self.steps else 0
