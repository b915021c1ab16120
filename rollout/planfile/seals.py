"""Seals: they tell whether something is still the same, and not what it is. Pure.

A service's environment has passwords in it, and a short one could be guessed from a fast hash, so seals are
made slowly, and each file has its own salt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from rollout import spec
from rollout.model import Batch, Hold, Options, Plan, Spec

_COST = 2**13
"""For scrypt, beside r=8: 8 MiB and some 25 ms a seal."""


def sealed(text: str, salt: bytes) -> str:
    """The seal of a text."""
    return hashlib.scrypt(text.encode(), salt=salt, n=_COST, r=8, p=1, dklen=32).hex()


def contents(plan: Plan) -> dict[str, str]:
    """What of a plan is sealed, by the words in which a difference is told."""
    in_force = {f"the service's {part}": _text(value) for part, value in _parts(plan.service.spec).items()}
    specs = {"the baseline": _text(plan.baseline), "the target": _text(plan.target)}
    return {name: text for name, text in (in_force | specs | _proofs(plan.options)).items() if text}


def _proofs(options: Options) -> dict[str, str]:
    """Gates, hooks and the smoke test, where there are any."""
    found = ((field.name, getattr(options, field.name)) for field in fields(options))
    return {f"the setting {name}": repr(value) for name, value in found if value and not is_open(value)}


def is_open(value: object) -> bool:
    """Whether a setting may stand in a file as it is: a word, a number or nothing."""
    return value is None or isinstance(value, str | int | float | Batch | Hold)


def _parts(whole: Spec) -> Mapping[str, Any]:
    """A spec in the parts that a person would change."""
    container, task = spec.container(whole), dict(whole.get("TaskTemplate") or {})
    others = {"TaskTemplate", "Labels", "Mode", "EndpointSpec", "UpdateConfig", "RollbackConfig"}
    return {
        "labels": whole.get("Labels"),
        "mode": whole.get("Mode"),
        "ports": whole.get("EndpointSpec"),
        "update settings": {key: whole.get(key) for key in ("UpdateConfig", "RollbackConfig")},
        "environment": container.get("Env"),
        "container": {key: value for key, value in container.items() if key != "Env"},
        "task template": {key: value for key, value in task.items() if key != "ContainerSpec"},
        "other fields": {key: value for key, value in whole.items() if key not in others},
    }


def _text(value: Any) -> str:
    """The same for everything that means the same; empty for what says nothing."""
    meant = spec.meaning(value)
    return json.dumps(meant, sort_keys=True) if meant else ""
