"""Keeps secrets of a service's spec out of what is shown: plans end up in build logs that many can read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeAlias

from rollout.model import Change
from rollout.render.text import safe
from rollout.secrets import HIDDEN, arguments_without_secrets, names_secret, without_secrets

Shown: TypeAlias = Callable[[Change], tuple[str | None, str | None]]
"""A change's two values as they may be shown."""

_REFERENCES = ".Secrets"
"""Swarm's secrets stand in a spec by name only."""


def shown(change: Change) -> tuple[str | None, str | None]:
    """A change's two values as they may be shown: what goes by a secret's name is hidden."""
    return _shown(change.path, change.before), _shown(change.path, change.after)


def _shown(path: str, value: str | None) -> str | None:
    if value is None:
        return None
    if names_secret(path) and not path.endswith(_REFERENCES):
        return HIDDEN
    arguments = _arguments(value)
    if arguments is None:
        return without_secrets(safe(value))
    return json.dumps([safe(argument) for argument in arguments_without_secrets(arguments)])


def _arguments(value: str) -> list[str] | None:
    """The texts of a list, such as a command's arguments; None where it is none."""
    try:
        found = json.loads(value) if value.startswith("[") else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else None
