"""Durations as Go, Docker and compose files write them: ``1m30s``, ``500ms``, ``2h``, ``0``.

``durationpy`` 0.11 was tried: it reads ``1h!!30m``, ``1s-2s`` and ``5mm`` (as 150 days), and it writes
``59m60s`` and six digits at most.
"""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter; Go reads both
    "ns": 1,
}
_SECOND = _UNITS["s"]
_LONGEST_NS = 2**63 - 1
_LONGEST_TEXT = 64
_PART = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([A-Za-z\u00b5\u03bc]{1,16})"
_DURATION = re.compile(rf"([-+]?)((?:{_PART})+)")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


class DurationError(ValueError):
    """The text is no duration; ``reason`` says why, and what would be one, without repeating the text."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the text is {reason}")
        self.reason = reason


def parse(text: str) -> float:
    """The seconds in a duration; a sign is allowed, a number without unit only if it is zero."""
    _refuse_number_without_unit(text)
    if _is_zero(text):
        return 0.0
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        raise DurationError('not a duration such as "30s", "1m30s" or "500ms"')
    nanoseconds = sum(_nanoseconds(number, unit) for number, unit in re.findall(_PART, match[2]))
    if nanoseconds > _LONGEST_NS:
        raise DurationError(f'too long: the longest duration is "{_LONGEST_NS // _UNITS["h"]}h"')
    return (-nanoseconds if match[1] == "-" else nanoseconds) / _SECOND


def format(seconds: float) -> str:  # noqa: A001 - the counterpart of durations.parse
    """What ``parse`` reads as these seconds, to the nanosecond: ``1m30s``, ``1.5ms``, ``0``."""
    nanoseconds = round(Fraction(seconds) * _SECOND)
    sign = "-" if nanoseconds < 0 else ""
    return sign + _text(abs(nanoseconds))


def _is_zero(text: str) -> bool:
    return text in {"0", "+0", "-0"}


def _refuse_number_without_unit(text: str) -> None:
    if len(text) <= _LONGEST_TEXT and _NUMBER.fullmatch(text) and not _is_zero(text):
        raise DurationError(f'a number without unit: did you mean "{text}s"?')


def _nanoseconds(number: str, unit: str) -> int:
    """One part of a duration; what is finer than a nanosecond is cut off, as in Go."""
    if unit not in _UNITS:
        raise DurationError(f'in the unknown unit "{unit}": the units are h, m, s, ms, us and ns')
    return int(Fraction(number) * _UNITS[unit])


def _text(nanoseconds: int) -> str:
    if nanoseconds < _SECOND:
        return _below_a_second(nanoseconds)
    hours, rest = divmod(nanoseconds, _UNITS["h"])
    minutes, rest = divmod(rest, _UNITS["m"])
    parts = ((str(hours), "h"), (str(minutes), "m"), (_decimal(rest, _SECOND), "s"))
    return "".join(number + unit for number, unit in parts if number != "0")


def _below_a_second(nanoseconds: int) -> str:
    unit = next((unit for unit in ("ms", "us", "ns") if nanoseconds >= _UNITS[unit]), None)
    return _decimal(nanoseconds, _UNITS[unit]) + unit if unit else "0"


def _decimal(nanoseconds: int, unit: int) -> str:
    """A count of units with as many decimals as it needs; every unit here is a power of ten."""
    whole, rest = divmod(nanoseconds, unit)
    digits = len(str(unit)) - 1
    decimals = f"{rest:0{digits}d}".rstrip("0") if rest else ""
    return f"{whole}.{decimals}" if decimals else str(whole)
