"""How names and values appear in messages: short, printable, and with the nearest known name."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

_MOST_CHARACTERS = 60
_PASSWORD_IN_URL = re.compile(r"(://)\S*@")


def plain(text: str) -> str:
    """Text fit for a terminal: short, without control and direction characters or passwords in URLs."""
    head = "".join(char for char in text[: 20 * _MOST_CHARACTERS] if char.isprintable())
    hidden = _PASSWORD_IN_URL.sub(r"\1…@", head)
    return hidden if len(hidden) <= _MOST_CHARACTERS else hidden[: _MOST_CHARACTERS - 1] + "…"


def shown(value: object) -> str:
    """A value as a message shows it: text in quotes, tables and arrays only by what they are."""
    match value:
        case str():
            return f'"{plain(value)}"'
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list() | tuple():
            return "an array"
    return plain(str(value))


def nearest(word: str, known: Collection[str], likeness: float = 0.6) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word[:200], known, 1, likeness)), None)


def advice(word: str, known: Collection[str]) -> str:
    """What to write instead of an unknown word: the nearest one, or else all there are."""
    near = nearest(word, known)
    return f"did you mean {near}?" if near else f"known are {', '.join(known)}"
