"""The use case: the script's plan is carried out on the stage, by the same deployment as in earnest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rollout import deploy
from rollout.config import Settings
from rollout.errors import Refused, UsageError
from rollout.events import RehearsalStarted
from rollout.model import Plan, PlanKind, Situation, Spec, Step
from rollout.ports import Registry, Sink, World
from rollout.preparing import Request
from rollout.rehearsal.faults import COMMANDS, SPOILT, Fault
from rollout.rehearsal.pacing import Pace, PacedClock
from rollout.rehearsal.result import USERS, Rehearsed
from rollout.rehearsal.script import Script
from rollout.rehearsal.stage import WHO, Stage, one_shots
from rollout.sim import SimSwarm, world_of
from rollout.targeting import Found


@dataclass(frozen=True)
class Exactly:
    """Aims at one spec: that of the plan."""

    spec: Spec

    def target(self, found: Found, registry: Registry) -> Spec:  # noqa: ARG002 - see the class
        """The spec."""
        return self.spec


def rehearse(
    script: Script, faults: Sequence[Fault], stage_door: Callable[[SimSwarm], Sink], pace: Pace | None = None
) -> Rehearsed:
    """Carry the script's plan out on a stage of its own; ``stage_door`` gives it a sink, ``pace`` its speed.

    Raises UsageError where a fault would befall nobody, and Refused where the stage cannot be set. That the
    deployment is refused is an end as good as any.
    """
    _refuse_idle(faults, script.plan)
    stage = Stage(script)
    stage.spoil(faults)
    users = stage.swarm.load(stage.service, USERS)
    world = _paced(world_of(stage.swarm, stage_door(stage.swarm)), pace)
    world.sink.emit(RehearsalStarted(0.0))
    told = tuple(fault.sentence for fault in faults)
    try:
        outcome = deploy.deploy(_request(stage.plan), world, WHO, lambda: None)
    except Refused as refusal:
        return Rehearsed(None, told, refusal=refusal)
    users.stop()
    return Rehearsed(replace(outcome, revision=None), told, users.requests, users.failed)


def _request(plan: Plan) -> Request:
    """For exactly this plan: the real strategy has been asked already."""
    return Request(
        plan.service,
        Exactly(plan.target),
        lambda _baseline: Settings(plan.options, plan.origin),
        lambda _name: lambda situation: _to_come(plan, situation),
    )


def _to_come(plan: Plan, situation: Situation) -> tuple[Step, ...]:
    """The plan's steps, but for one that only judges what an interrupted deployment left behind."""
    done = situation.done
    return tuple(step for step in plan.steps if step.upto > done or (step.hold and step.upto == done))


def _paced(world: World, pace: Pace | None) -> World:
    return world if pace is None else replace(world, clock=PacedClock(world.clock, pace))


def _refuse_idle(faults: Sequence[Fault], plan: Plan) -> None:
    for fault in faults:
        noun, most = _victims(fault, plan)
        if not most:
            raise UsageError(
                f"the fault {fault.name} would befall nobody: the plan has no {noun}",
                "`rollout plan` shows what there is to go wrong",
            )
        if fault.number is not None and fault.number > most:
            raise UsageError(
                f"the fault {fault.name}@{fault.number} would befall nobody: the plan has {most} {noun}",
                f"--fault {fault.name}@{most}",
            )


def _victims(fault: Fault, plan: Plan) -> tuple[str, int]:
    """What a fault befalls, and how many of them there are."""
    if fault.name == COMMANDS and plan.kind == PlanKind.RELEASE and not one_shots(plan.options):
        return "hook and no smoke test", 0
    if fault.name in SPOILT:
        return "new replicas", plan.slots - plan.done if plan.kind == PlanKind.RELEASE else 0
    return "steps", sum(1 for size in plan.sizes if size)
