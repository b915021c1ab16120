"""Outcomes, causes, errors and images as fields of JSON objects; see docs/json.md."""

from __future__ import annotations

import json
from typing import Any, TextIO, TypeAlias

from rollout.errors import RolloutError, exit_code_of
from rollout.model import Cause, Change, Image, Impact, Latency, Outcome
from rollout.render.names import reference, slot_id
from rollout.render.redact import Shown, shown
from rollout.render.text import log_line, safe

SCHEMA = "rollout/v1"

Fields: TypeAlias = dict[str, Any]


def write_json(stream: TextIO, fields: Fields) -> None:
    """One object on one line, with the schema in front."""
    stream.write(json.dumps({"schema": SCHEMA, **fields}) + "\n")
    stream.flush()


def outcome_fields(outcome: Outcome) -> Fields:
    """An outcome, also for whoever stores or sends it."""
    return {
        "kind": snake(outcome.kind),
        "exit_code": int(exit_code_of(outcome)),
        "service": safe(outcome.service),
        **image_fields("old", outcome.old_image),
        **image_fields("new", outcome.new_image),
        "seconds": round(outcome.seconds, 3),
        "replaced": outcome.replaced,
        "slots": outcome.slots,
        "revision": outcome.revision,
        "rollback_seconds": _rounded(outcome.rollback_seconds),
        "impact": impact_fields(outcome.impact) if outcome.impact else None,
        "cause": cause_fields(outcome.cause, outcome.service) if outcome.cause else None,
        "hint": safe(outcome.hint),
    }


def cause_fields(cause: Cause, service: str) -> Fields:
    """A cause with its evidence."""
    return {
        "kind": snake(cause.kind),
        "sentence": safe(cause.sentence),
        "task": cause.task_id,
        "slot": slot_id(service, cause.slot),
        "node": safe(cause.node),
        "error": safe(cause.error),
        "log": [log_line(text) for text in cause.log],
        "signal": cause.signal,
        "changes": [change_fields(change) for change in cause.changes],
    }


def change_fields(change: Change, look: Shown = shown) -> Fields:
    """What became of a field of a spec."""
    before, after = look(change)
    return {"path": safe(change.path), "before": before, "after": after}


def impact_fields(impact: Impact) -> Fields:
    """What users met."""
    return {
        "asked": impact.asked,
        "failed": impact.failed,
        "first_failed": _rounded(impact.first_failed),
        "last_failed": _rounded(impact.last_failed),
        "errors": [safe(error) for error in impact.errors],
        "before": _latency_fields(impact.before),
        "during": _latency_fields(impact.during),
        "after": _latency_fields(impact.after),
        "versions": {safe(version): count for version, count in impact.versions.items()},
    }


def _latency_fields(latency: Latency | None) -> Fields | None:
    if latency is None:
        return None
    return {"count": latency.count, "p50": _rounded(latency.p50), "p95": _rounded(latency.p95)}


def _rounded(seconds: float | None) -> float | None:
    """To the millisecond."""
    return None if seconds is None else round(seconds, 3)


def error_fields(error: RolloutError) -> Fields:
    """An error that ended a command: takes the outcome's place as the last line."""
    return {
        "event": "error",
        "kind": type(error).__name__,
        "exit_code": int(error.exit_code),
        "sentence": safe(error.message),
        "hint": safe(error.hint),
    }


def image_fields(prefix: str, image: Image) -> Fields:
    """An image as two fields."""
    return {f"{prefix}_image": reference(image), f"{prefix}_digest": image.digest}


def snake(words: str) -> str:
    """A name of several words as one."""
    return words.replace(" ", "_")
