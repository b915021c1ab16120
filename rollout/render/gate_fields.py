"""Gates, hooks and smoke tests as fields of JSON objects; see docs/json.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from rollout.model import (
    ExecGate,
    Gate,
    HttpProbe,
    Limit,
    ManualGate,
    OneShot,
    PrometheusGate,
    StableGate,
    TcpGate,
)
from rollout.render.fields import Fields
from rollout.render.text import safe
from rollout.secrets import without_secrets

_KINDS: Mapping[type, str] = {
    HttpProbe: "http",
    TcpGate: "tcp",
    ExecGate: "exec",
    PrometheusGate: "prometheus",
    StableGate: "stable",
    ManualGate: "manual",
}


def gate_fields(gate: HttpProbe | Gate) -> Fields:
    """A gate with its kind in front."""
    return {"kind": _KINDS[type(gate)], **_fields(gate)}


def one_shot_fields(shot: OneShot) -> Fields:
    """A command that runs once."""
    return _fields(shot)


def _fields(value: Any) -> Fields:
    return {field.name: _shown(getattr(value, field.name)) for field in fields(value)}


def _shown(value: Any) -> Any:
    """A field's value; of header fields only the names, as their values may be secrets."""
    match value:
        case Limit():
            return {"amount": value.amount, "relative": value.relative}
        case Mapping():
            return [safe(name) for name in value]
        case tuple():
            return [without_secrets(safe(word)) for word in value]
        case str():
            return without_secrets(safe(value))
    return value
