"""What goes by a secret's name is not shown: outputs end up in build logs that many can read. Pure."""

from __future__ import annotations

import re

HIDDEN = "(hidden)"

_SECRET = "passw|passphrase|secret|token|credential|private|api_?key|app_?key|access_?key|dsn"
_NAMES_SECRET = re.compile(_SECRET, re.IGNORECASE)
_ASSIGNS_SECRET = re.compile(rf"\b([\w.-]*(?:{_SECRET})[\w.-]*)=.*", re.IGNORECASE)
_TELLS_SECRET = re.compile(rf"\b([\w.-]*(?:{_SECRET})[\w.-]*[\"']?\s*(?::|=>)\s*)\S.*", re.IGNORECASE)
_AUTHORIZES = re.compile(r"\b(authorization[\"']?\s*(?::|=>?)|bearer)\s*\S.*", re.IGNORECASE)
_LOOKS_SECRET = re.compile(
    r"\b(?:A[KS]IA[0-9A-Z]{16}|gh[a-z]_\w{20,}|glpat-[\w-]{16,}|xox[a-z]-[\w-]{10,}|sk_live_\w{10,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
)
_CALLS = re.compile(r"((?:->|::)[\w\\]+|\): [\w\\]+)\(.+\)")
"""What PHP's stack traces tell of the arguments of a call: those of ``PDO->__construct`` are a login."""
_PASSES_SECRET = re.compile(rf"(--?[\w.-]*(?:{_SECRET})[\w.-]*)\s+[^\s`]+", re.IGNORECASE)


def names_secret(name: str) -> bool:
    """Whether a value of this name is to be hidden."""
    return bool(_NAMES_SECRET.search(name))


def without_secrets(text: str) -> str:
    """Text on one line without what it gives to a secret's name: ``--token=...``, ``--token ...``."""
    return _PASSES_SECRET.sub(rf"\1 {HIDDEN}", _ASSIGNS_SECRET.sub(rf"\1={HIDDEN}", text))


def without_secrets_of_logs(line: str) -> str:
    """A line of a program without what looks like a secret: rather too little is left than too much."""
    line = _CALLS.sub(r"\1(…)", line)
    line = _AUTHORIZES.sub(rf"\1 {HIDDEN}", line)
    line = _TELLS_SECRET.sub(rf"\1{HIDDEN}", line)
    return without_secrets(_LOOKS_SECRET.sub(HIDDEN, line))
