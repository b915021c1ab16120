"""``advance(event, scene)``: the scene after an event. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from rollout import events as on
from rollout.render.scene import Phase, Scene
from rollout.render.sight import look


@singledispatch
def advance(_event: on.Event, scene: Scene) -> Scene:
    """The scene after an event."""
    return scene


@advance.register
def _rehearsal_started(event: on.RehearsalStarted, scene: Scene) -> Scene:
    return replace(scene, rehearsed=True, at=event.at)


@advance.register
def _planned(event: on.Planned, scene: Scene) -> Scene:
    """It may be made anew on the way: then the steps begin anew as well."""
    fresh = replace(scene, plan=event.plan, step=None, passed=0, durations=(), hold=None, waiting=None)
    return replace(_gates_anew(fresh), at=event.at)


@advance.register
def _step_started(event: on.StepStarted, scene: Scene) -> Scene:
    return replace(_gates_anew(scene), phase=Phase.RELEASING, step=event, waiting=None, at=event.at)


@advance.register
def _step_passed(event: on.StepPassed, scene: Scene) -> Scene:
    took = event.at - (scene.step.at if scene.step else 0.0)
    durations = (*scene.durations, took)
    return replace(scene, passed=event.number, durations=durations, waiting=None, at=event.at)


@advance.register
def _hold_started(event: on.HoldStarted, scene: Scene) -> Scene:
    return replace(_gates_anew(scene), phase=Phase.HOLDING, hold=event, at=event.at)


@advance.register
def _hold_ended(event: on.HoldEnded, scene: Scene) -> Scene:
    return replace(scene, hold=None, at=event.at)


@advance.register
def _bake_started(event: on.BakeStarted, scene: Scene) -> Scene:
    return replace(_gates_anew(scene), phase=Phase.BAKING, bake_ends=event.at + event.seconds, at=event.at)


@advance.register
def _release_failed(event: on.ReleaseFailed, scene: Scene) -> Scene:
    return replace(scene, phase=Phase.JUDGED_BAD, waiting=None, hold=None, at=event.at)


@advance.register
def _rollback_started(event: on.RollbackStarted, scene: Scene) -> Scene:
    return replace(scene, phase=Phase.ROLLING_BACK, gates={}, verdicts={}, waiting=None, at=event.at)


@advance.register
def _rolled_back(event: on.RolledBack, scene: Scene) -> Scene:
    return replace(scene, phase=Phase.ROLLED_BACK, at=event.at)


@advance.register
def _finished(event: on.Finished, scene: Scene) -> Scene:
    return replace(scene, phase=Phase.FINISHED, at=event.at)


@advance.register
def _progress(event: on.GateProgress, scene: Scene) -> Scene:
    before = scene.gates.get(event.gate)
    goes_on = event.passed > (before.passed if before else 0)
    waiting = None if goes_on else scene.waiting
    return replace(scene, gates={**scene.gates, event.gate: event}, waiting=waiting, at=event.at)


@advance.register
def _judged(event: on.GateJudged, scene: Scene) -> Scene:
    return replace(scene, verdicts={**scene.verdicts, event.gate: event}, at=event.at)


@advance.register
def _measured(event: on.Measured, scene: Scene) -> Scene:
    return replace(scene, impact=event.impact, at=event.at)


@advance.register
def _pull_started(event: on.PullStarted, scene: Scene) -> Scene:
    return replace(scene, pulling=event.nodes, at=event.at)


@advance.register
def _pull_ended(event: on.PullEnded, scene: Scene) -> Scene:
    """One that failed ends them all."""
    left = () if event.error else tuple(node for node in scene.pulling if node != event.node)
    return replace(scene, pulling=left, at=event.at)


@advance.register
def _one_shot_started(event: on.OneShotStarted, scene: Scene) -> Scene:
    return replace(scene, one_shot=event, at=event.at)


@advance.register
def _one_shot_ended(event: on.OneShotEnded, scene: Scene) -> Scene:
    return replace(scene, one_shot=None, at=event.at)


@advance.register
def _waiting(event: on.Waiting, scene: Scene) -> Scene:
    return replace(scene, waiting=event, at=event.at)


@advance.register
def _observed(event: on.Observed, scene: Scene) -> Scene:
    return look(event, scene)


def _gates_anew(scene: Scene) -> Scene:
    """The gates that are known stay on the screen, with nothing counted yet."""
    known = {name: on.GateProgress(scene.at, name, 0, 0, 0) for name in scene.gates}
    return replace(scene, gates=known, verdicts={})
