"""Keeps secrets of a service's spec out of what is shown: plans end up in build logs that many can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from rollout.model import Change
from rollout.render.text import safe
from rollout.secrets import HIDDEN, names_secret, without_secrets

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
    if names_secret(path.rpartition(".")[2]) and not path.endswith(_REFERENCES):
        return HIDDEN
    return without_secrets(safe(value))
