"""Durations."""

from __future__ import annotations

from rollout import durations
from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind
from rollout.model import Hold


def duration(found: object) -> float:
    """Seconds. A bare number has no unit and could mean anything, except for zero."""
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise Unfit('not a duration such as "30s"')
    try:
        return durations.parse(str(found))
    except durations.DurationError as error:
        raise Unfit(error.reason) from error


def _not_negative(seconds: float) -> None:
    if not seconds >= 0:
        raise Unfit("less than nothing: a time is 0 or longer")


def above_zero(seconds: float) -> None:
    """Refuse what is no time at all."""
    if seconds < 0:
        raise Unfit('less than nothing: give a time such as "30s"')
    if not seconds > 0:
        raise Unfit('no time at all: give a time such as "30s"')


PROMOTED = "promote"
"""The pause that lasts until somebody says so."""


def _hold(found: object) -> Hold:
    return Hold() if found == PROMOTED else Hold(duration(found))


def _show_hold(hold: Hold) -> str:
    return PROMOTED if hold.seconds is None else durations.format(hold.seconds)


def _some_hold(hold: Hold) -> None:
    if hold.seconds is not None:
        _not_negative(hold.seconds)


DURATION = Kind("duration", duration, durations.format, _not_negative, float, "TIME")
SOME_TIME = Kind("duration above 0", duration, durations.format, above_zero, float, "TIME")
PAUSE = Kind("duration, or `promote`", _hold, _show_hold, _some_hold, Hold, "TIME|promote")
