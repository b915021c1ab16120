"""Words as values: a line is a tuple of styled spans, written later in colour, without, or as JSON.

What a task, an image or a label says is not ours: ``safe`` takes terminal escapes and secrets out of it.
"""

from __future__ import annotations

import re
import textwrap
from enum import StrEnum
from typing import NamedTuple, TypeAlias


class Style(StrEnum):
    """What a span means; the writer knows how that looks."""

    PLAIN = ""
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    DIM = "dim"
    STRONG = "strong"
    NEW = "new"
    ALARM = "alarm"


class Span(NamedTuple):
    """Some text in one style."""

    text: str
    style: Style = Style.PLAIN


Line: TypeAlias = tuple[Span, ...]

_SGR = {
    Style.GOOD: "32",
    Style.BAD: "1;31",
    Style.WARN: "33",
    Style.DIM: "2",
    Style.STRONG: "1",
    Style.NEW: "36",
    Style.ALARM: "1;97;41",
}

_IN_ASCII = str.maketrans(
    {
        "→": "->",
        "✓": "ok",
        "✗": "x",
        "●": "*",
        "○": "o",
        "◐": "%",
        "·": "|",
        "━": "=",
        "─": "-",
        "│": "|",
        "…": "~",
    }
)

_COLUMN = 14

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS and their kin: titles, links, clipboard
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"  # the short ones
)
_USERINFO = re.compile(r"(?!ssh://[\w.+-]+@)(?<!\w)(\w[\w+.-]*://)[^/?#\s]+@")
"""A login in a URL; the user of an ssh:// address is none, and is worth seeing where it does not work."""


def line(*parts: str | Span) -> Line:
    """A line from spans and unstyled strings."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def safe(text: str) -> str:
    """Text of others on one line: no escapes, no control or invisible characters, no logins in URLs."""
    bare = _ESCAPES.sub("", text)
    if not bare.isprintable():
        bare = "".join(char if char.isprintable() else " " * char.isspace() for char in bare)
    return _USERINFO.sub(r"\1***@", bare).strip()


def log_line(text: str) -> str:
    """A line of a task's log: as ``safe``, but its indentation stays."""
    indent = len(text) - len(text.lstrip(" "))
    return " " * indent + safe(text)


def fitted(text: str, encoding: str | None) -> str:
    """The text as far as the encoding can carry it: our glyphs become ASCII, the rest is spelled out."""
    if is_unicode(encoding):
        return text
    plain = text.translate(_IN_ASCII)
    return plain.encode(encoding or "ascii", "backslashreplace").decode(encoding or "ascii")


def is_unicode(encoding: str | None) -> bool:
    """Whether glyphs can be written."""
    return (encoding or "").lower().replace("-", "").startswith("utf")


def text_of(spans: Line) -> str:
    """The line without its styles."""
    return "".join(span.text for span in spans)


def painted(spans: Line, colour: bool, encoding: str | None = "utf-8") -> str:
    """The line as a terminal or a file takes it."""
    fit = (Span(fitted(span.text, encoding), span.style) for span in spans)
    return "".join(_coloured(span) if colour else span.text for span in fit)


def _coloured(span: Span) -> str:
    return f"\x1b[{_SGR[span.style]}m{span.text}\x1b[0m" if span.style and span.text else span.text


def paragraph(text: str, indent: int, width: int | None, style: Style = Style.PLAIN) -> list[Line]:
    """Text in lines of at most ``width`` columns, all of them indented; one line if there is no width."""
    pad = " " * indent
    if width is None:
        return [line(pad, Span(text, style))]
    room = max(20, width - indent)
    parts = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [line(pad, Span(part, style)) for part in parts]


def labelled(label: str, text: str, width: int | None, style: Style = Style.PLAIN) -> list[Line]:
    """A name and what there is to say about it, as a hanging paragraph."""
    first, *rest = paragraph(text, _COLUMN, width, style)
    head = Span(f"  {label}".ljust(_COLUMN), Style.DIM)
    return [(head, *first[1:]), *rest]


def duration(seconds: float) -> str:
    """A time span as a person says it: ``4.5s``, ``38s``, ``3m 05s``, ``2h 10m``, ``3d 4h``."""
    if round(seconds, 1) < 10:
        return f"{max(0.0, seconds):.1f}".removesuffix(".0") + "s"
    whole = round(seconds)
    for size, unit, small, smaller in _SCALES:
        if whole >= size:
            rest = whole % size // small
            return f"{whole // size}{unit}" + (f" {rest:02d}{smaller}" if rest else "")
    return f"{whole}s"


_SCALES = ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s"))


def age(seconds: float) -> str:
    """A time span that is growing, without fractions and without the smaller of two units past an hour."""
    text = duration(float(int(seconds)))
    return text if seconds < 3600 else text.split(" ")[0]


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 replica``, ``2 replicas``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
