"""Keeps secrets of a service's spec out of what is shown: plans end up in build logs that many can read."""

from __future__ import annotations

import re

from rollout.model import Change
from rollout.render.text import safe

HIDDEN = "(hidden)"

_SECRET = "passw|passphrase|secret|token|credential|private|api_?key|app_?key|access_?key|dsn"
_NAMES_SECRET = re.compile(_SECRET, re.IGNORECASE)
_ASSIGNS_SECRET = re.compile(rf"\b([\w.-]*(?:{_SECRET})[\w.-]*)=.*", re.IGNORECASE)
_REFERENCES = ".Secrets"
"""Swarm's secrets stand in a spec by name only."""


def shown(change: Change) -> tuple[str | None, str | None]:
    """A change's two values as they may be shown: what goes by a secret's name is hidden."""
    return _shown(change.path, change.before), _shown(change.path, change.after)


def without_secrets(text: str) -> str:
    """Text on one line without what it assigns to a secret's name, such as ``--token=...``."""
    return _ASSIGNS_SECRET.sub(rf"\1={HIDDEN}", text)


def _shown(path: str, value: str | None) -> str | None:
    if value is None:
        return None
    if _NAMES_SECRET.search(path.rpartition(".")[2]) and not path.endswith(_REFERENCES):
        return HIDDEN
    return without_secrets(safe(value))
