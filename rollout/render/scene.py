"""What is known of a deployment so far, as one value: the memory of every renderer.

``advance`` moves it on with each event, ``sight`` reads observations; all of it is pure, time included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rollout import events as on
from rollout.model import Impact, Plan, PlanKind, Task, TaskState


class Phase(StrEnum):
    """What the deployment is at."""

    PREPARING = "preparing"
    RELEASING = "releasing"
    PROVING = "proving"
    HOLDING = "holding"
    BAKING = "baking"
    JUDGED_BAD = "judged bad"
    ROLLING_BACK = "rolling back"
    ROLLED_BACK = "rolled back"
    FINISHED = "finished"


@dataclass(frozen=True)
class Sighting:
    """A task as last seen, and since when; ``at`` is None if it was so before anyone looked."""

    state: TaskState
    error: str
    at: float | None


@dataclass(frozen=True)
class TaskChange:
    """A task in a state in which it was not seen before; ``before`` is None for a task not seen before."""

    slot: str
    node: str
    task: Task
    before: TaskState | None
    new: bool


@dataclass(frozen=True)
class Row:
    """A slot as a person sees it: its current task, and what else is going on there."""

    slot: str
    node: str
    task: Task
    new: bool
    at: float | None
    moving: bool
    serving: bool
    note: str = ""
    trouble: str = ""


@dataclass(frozen=True)
class Scene:
    """All that is known of a deployment so far."""

    plan: Plan | None = None
    phase: Phase = Phase.PREPARING
    at: float = 0.0
    step: on.StepStarted | None = None
    passed: int = 0
    durations: tuple[float, ...] = ()
    looked: bool = False
    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    gates: Mapping[str, on.GateProgress] = field(default_factory=dict)
    verdicts: Mapping[str, on.GateJudged] = field(default_factory=dict)
    hold: on.HoldStarted | None = None
    bake_ends: float | None = None
    impact: Impact | None = None
    pulling: tuple[str, ...] = ()
    one_shot: on.OneShotStarted | None = None
    waiting: on.Waiting | None = None
    rehearsed: bool = False

    @property
    def doing(self) -> str:
        """What is going on, in a word or two: a pull or a one-shot task for as long as there is one."""
        if self.pulling:
            return "pulling"
        return self.one_shot.purpose if self.one_shot else str(self.phase)

    @property
    def service(self) -> str:
        """The service's name; empty before there is a plan."""
        return self.plan.service.name if self.plan else ""

    @property
    def slots(self) -> int:
        """How many slots there are, by what was seen last."""
        return len(self.rows) or (self.plan.slots if self.plan else 0)

    @property
    def on_target(self) -> int:
        """How many slots run the target and nothing else."""
        return sum(row.new and not row.moving for row in self.rows)

    @property
    def running(self) -> int:
        """In how many slots something runs."""
        return sum(row.serving for row in self.rows)

    @property
    def moving(self) -> tuple[Row, ...]:
        """The slots that are not at rest."""
        return tuple(row for row in self.rows if row.moving)

    @property
    def going_back(self) -> bool:
        """Whether the spec in force is the baseline again."""
        return self.phase in {Phase.ROLLING_BACK, Phase.ROLLED_BACK}


def remaining(scene: Scene, now: float) -> float | None:
    """The seconds that the rest will take by what the steps took so far; None where nobody can say."""
    if scene.phase is Phase.BAKING and scene.bake_ends is not None:
        return max(0.0, scene.bake_ends - now)
    if scene.plan is None or scene.plan.kind is not PlanKind.RELEASE:
        return None
    if scene.phase not in {Phase.PREPARING, Phase.RELEASING, Phase.PROVING}:
        return None
    return _by_steps(scene, now) if scene.durations else _by_plan(scene.plan, now)


def _by_steps(scene: Scene, now: float) -> float:
    assert scene.plan is not None  # noqa: S101 - remaining() has looked
    mean = sum(scene.durations) / len(scene.durations)
    left = len(scene.plan.steps) - scene.passed
    in_step = now - scene.step.at if scene.step and scene.step.number > scene.passed else 0.0
    return max(0, left - 1) * mean + max(0.0, mean - in_step) * (left > 0) + scene.plan.options.bake


def _by_plan(plan: Plan, now: float) -> float | None:
    return max(0.0, plan.seconds - now) if plan.seconds is not None else None
