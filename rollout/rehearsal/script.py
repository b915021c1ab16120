"""What is rehearsed: a plan of a real service, and what its replicas and its machines are taken to be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median

from rollout import spec
from rollout.model import HttpProbe, ImageConfig, Mode, Options, Plan, Snapshot, Spec
from rollout.ports import Swarm
from rollout.preparing import Prepared
from rollout.sim.specs import normalised

OVERHEAD = 1.5
"""Seconds of a start that are Swarm's own on the simulation: placing, creating, starting the process."""
_USUAL_START = 2.0


@dataclass(frozen=True)
class Script:
    """``machines`` are host names; ``start_seconds`` is a process's own time until it can answer.

    ``has_healthcheck`` is whether RUNNING will mean healthy; where it does not, nobody knows when a process
    can answer, and it is taken to do so at once. ``stop_signal`` is the
    image's, None for the engine's default.
    """

    plan: Plan
    machines: tuple[str, ...]
    start_seconds: float
    has_healthcheck: bool
    stop_signal: str | None = None


def write(prepared: Prepared, swarm: Swarm) -> Script:
    """A script after the service as it stands."""
    plan = prepared.plan
    playable = replace(
        plan,
        baseline=_playable(plan.baseline),
        target=_playable(plan.target),
        options=_answerable(plan.options),
    )
    image = _known_config(plan, swarm)
    checked = _has_healthcheck(plan, image)
    start = _start_seconds(prepared.snapshot) if checked else 0.0
    machines = _machines(prepared.snapshot, plan.baseline)
    return Script(playable, machines, start, checked, image.stop_signal if image else None)


def _playable(real: Spec) -> Spec:
    """Without what the simulation cannot know: labels of nodes, their platforms, what else takes their room.

    Where tasks may go is taken from where they are.
    """
    edited = spec.raw(real)
    placement = edited["TaskTemplate"].get("Placement") or {}
    edited["TaskTemplate"]["Placement"] = {
        key: value for key, value in placement.items() if key == "MaxReplicas"
    }
    edited["TaskTemplate"].pop("Resources", None)
    return normalised(edited)


def _answerable(options: Options) -> Options:
    """The HTTP gates without what a page says: on the simulation a good answer is a good answer."""
    probes = tuple(
        HttpProbe(
            probe.url,
            timeout=probe.timeout,
            method=probe.method,
            rate=probe.rate,
            error_budget=probe.error_budget,
            p95=probe.p95,
            confidence=probe.confidence,
            version_header=probe.version_header,
        )
        for probe in options.probes
    )
    return replace(options, probes=probes)


def _machines(snapshot: Snapshot, baseline: Spec) -> tuple[str, ...]:
    """The nodes that the service may use: all that take tasks, or those that it uses, if it is choosy."""
    used = {task.node_id for slot in snapshot.slots for task in slot.wanted}
    placement = (baseline.get("TaskTemplate") or {}).get("Placement") or {}
    choosy = placement.get("Constraints") or spec.mode(baseline) == Mode.GLOBAL
    fit = (
        node.hostname
        for node in snapshot.nodes.values()
        if (node.id in used) or (not choosy and node.ready and node.active)
    )
    return tuple(fit) or ("node-1",)


def _start_seconds(snapshot: Snapshot) -> float:
    known = [task.start_seconds for slot in snapshot.slots for task in slot.wanted if task.start_seconds]
    return max(0.1, median(known) - OVERHEAD) if known else _USUAL_START


def _known_config(plan: Plan, swarm: Swarm) -> ImageConfig | None:
    """What the new image brings along, or else the old one; None where neither can be looked into."""
    return swarm.image_config(plan.new_image) or swarm.image_config(plan.old_image)


def _has_healthcheck(plan: Plan, image: ImageConfig | None) -> bool:
    """Where neither image can be looked into, one is assumed: most bring one."""
    own = spec.healthcheck(plan.target, image.healthcheck if image else None)
    return own.checks or (image is None and not own.test)
