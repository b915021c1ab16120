"""What goes by a secret's name is not shown: outputs end up in build logs that many can read. Pure."""

from __future__ import annotations

import re

HIDDEN = "(hidden)"

_SECRET = "passw|passphrase|secret|token|credential|private|api_?key|app_?key|access_?key|dsn"
_NAMES_SECRET = re.compile(_SECRET, re.IGNORECASE)
_ASSIGNS_SECRET = re.compile(rf"\b([\w.-]*(?:{_SECRET})[\w.-]*)=.*", re.IGNORECASE)
_PASSES_SECRET = re.compile(rf"(--?[\w.-]*(?:{_SECRET})[\w.-]*)\s+[^\s`]+", re.IGNORECASE)


def names_secret(name: str) -> bool:
    """Whether a value of this name is to be hidden."""
    return bool(_NAMES_SECRET.search(name))


def without_secrets(text: str) -> str:
    """Text on one line without what it gives to a secret's name: ``--token=...``, ``--token ...``."""
    return _PASSES_SECRET.sub(rf"\1 {HIDDEN}", _ASSIGNS_SECRET.sub(rf"\1={HIDDEN}", text))
