"""``-o json``: one object a line, documented in docs/json.md. The last line is the outcome."""

from __future__ import annotations

from functools import singledispatch
from typing import TextIO

from rollout import events as on
from rollout.render.advance import advance
from rollout.render.fields import Fields, cause_fields, impact_fields, outcome_fields, snake, write_json
from rollout.render.names import gate, slot_id
from rollout.render.plan import plan_fields
from rollout.render.scene import Scene, TaskChange
from rollout.render.sight import seen
from rollout.render.sink import QuietSink
from rollout.render.text import log_line, safe
from rollout.secrets import without_secrets


class JsonLines(QuietSink):
    """Writes to a stream, as a rule stdout. Observations are written only if something changed."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._scene = Scene()

    def _show(self, event: on.Event) -> None:
        before, self._scene = self._scene, advance(event, self._scene)
        fields = fields_of(event, before)
        if fields is not None:
            write_json(self._stream, {"event": fields.pop("event"), "at": round(event.at, 3), **fields})


@singledispatch
def fields_of(event: on.Event, _scene: Scene) -> Fields | None:
    """An event's fields, given the scene before it; None where it says nothing new."""
    raise NotImplementedError(type(event).__name__)


@fields_of.register
def _note(event: on.Note, _scene: Scene) -> Fields:
    return {"event": "note", "sentence": safe(event.sentence), "warning": event.warning}


@fields_of.register
def _rehearsal_started(_event: on.RehearsalStarted, _scene: Scene) -> Fields:
    return {"event": "rehearsal_started"}


@fields_of.register
def _planned(event: on.Planned, _scene: Scene) -> Fields:
    return {"event": "planned", **plan_fields(event.plan)}


@fields_of.register
def _step_started(event: on.StepStarted, _scene: Scene) -> Fields:
    return {
        "event": "step_started",
        "step": event.number,
        "steps": event.steps,
        "release": event.release,
        "upto": event.upto,
    }


@fields_of.register
def _observed(event: on.Observed, scene: Scene) -> Fields | None:
    changes = [_change(change, scene.service) for change in seen(event, scene)]
    if scene.looked and not changes:
        return None
    after = advance(event, scene)
    return {
        "event": "observed",
        "slots": after.slots,
        "running": after.running,
        "on_target": after.on_target,
        "changes": changes,
    }


def _change(change: TaskChange, service: str) -> Fields:
    task = change.task
    return {
        "slot": slot_id(service, change.slot),
        "node": safe(change.node),
        "task": task.id,
        "before": change.before.label if change.before is not None else None,
        "state": task.state.label,
        "new": change.new,
        "error": safe(task.error),
        "exit_code": task.exit_code,
    }


@fields_of.register
def _progress(event: on.GateProgress, scene: Scene) -> Fields | None:
    before = scene.gates.get(event.gate)
    if before and (before.passed, before.failed) == (event.passed, event.failed):
        return None
    counts = {"passed": event.passed, "failed": event.failed, "wanted": event.wanted or None}
    return {"event": "gate_progress", "gate": gate(event.gate), **counts}


@fields_of.register
def _judged(event: on.GateJudged, _scene: Scene) -> Fields:
    verdict = {"verdict": str(event.verdict), "evidence": safe(event.evidence)}
    return {"event": "gate_judged", "gate": gate(event.gate), **verdict}


@fields_of.register
def _step_passed(event: on.StepPassed, _scene: Scene) -> Fields:
    return {
        "event": "step_passed",
        "step": event.number,
        "steps": event.steps,
        "on_target": event.done,
        "slots": event.slots,
    }


@fields_of.register
def _hold_started(event: on.HoldStarted, _scene: Scene) -> Fields:
    return {"event": "hold_started", "seconds": event.seconds}


@fields_of.register
def _hold_ended(event: on.HoldEnded, _scene: Scene) -> Fields:
    return {"event": "hold_ended", "promoted": event.promoted}


@fields_of.register
def _bake_started(event: on.BakeStarted, _scene: Scene) -> Fields:
    return {"event": "bake_started", "seconds": event.seconds}


@fields_of.register
def _measured(event: on.Measured, scene: Scene) -> Fields | None:
    if event.impact == scene.impact:
        return None
    return {"event": "measured", **impact_fields(event.impact)}


@fields_of.register
def _pull_started(event: on.PullStarted, _scene: Scene) -> Fields:
    return {"event": "pull_started", "nodes": [safe(node) for node in event.nodes]}


@fields_of.register
def _pull_ended(event: on.PullEnded, _scene: Scene) -> Fields:
    return {
        "event": "pull_ended",
        "node": safe(event.node),
        "seconds": round(event.seconds, 3),
        "error": safe(event.error),
    }


@fields_of.register
def _one_shot_started(event: on.OneShotStarted, _scene: Scene) -> Fields:
    return {
        "event": "one_shot_started",
        "purpose": snake(safe(event.purpose)),
        "command": without_secrets(safe(event.command)),
    }


@fields_of.register
def _one_shot_ended(event: on.OneShotEnded, _scene: Scene) -> Fields:
    return {
        "event": "one_shot_ended",
        "purpose": snake(safe(event.purpose)),
        "seconds": round(event.seconds, 3),
        "error": safe(event.error),
        "log": [log_line(text) for text in event.log],
    }


@fields_of.register
def _waiting(event: on.Waiting, scene: Scene) -> Fields:
    limit = round(event.limit, 3)
    return {"event": "waiting", "cause": cause_fields(event.cause, scene.service), "limit": limit}


@fields_of.register
def _release_failed(event: on.ReleaseFailed, scene: Scene) -> Fields:
    return {"event": "release_failed", "cause": cause_fields(event.cause, scene.service)}


@fields_of.register
def _rollback_started(event: on.RollbackStarted, _scene: Scene) -> Fields:
    return {"event": "rollback_started", "slots": event.slots}


@fields_of.register
def _rolled_back(event: on.RolledBack, _scene: Scene) -> Fields:
    return {"event": "rolled_back", "seconds": round(event.seconds, 3)}


@fields_of.register
def _finished(event: on.Finished, _scene: Scene) -> Fields:
    return {"event": "outcome", **outcome_fields(event.outcome)}
