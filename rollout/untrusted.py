"""Text from elsewhere, made safe to show: engines, registries, pages and containers write what they like."""

from __future__ import annotations

import re
import unicodedata

LINE_LIMIT = 500
"""The most characters of one line that are shown."""

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC and other strings: window titles, links
    r"|\x1b[ -/]*[0-~]?"  # what is left of them
)
_TURNS_TEXT = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str, limit: int = LINE_LIMIT) -> str:
    """One line without escape sequences, control characters and marks that turn the reading direction."""
    without = _ESCAPES.sub("", text[: 4 * limit])
    kept = "".join(_shown(character) for character in without).strip()
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def _shown(character: str) -> str:
    if character in "\t\n\r":
        return " "
    hidden = unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _TURNS_TEXT
    return "" if hidden else character
