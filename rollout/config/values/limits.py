"""Limits: as such, or as so many times what the gate showed before the first write."""

from __future__ import annotations

import re

from rollout import durations
from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind
from rollout.config.values.numbers import in_percent, share, show_number
from rollout.config.values.times import above_zero, duration
from rollout.model import Limit


def _times(found: object) -> Limit | None:
    """So many times the baseline; None if the limit is none of this kind."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)x", found) if isinstance(found, str) else None
    if match is None:
        return None
    if float(match[1]) < 1:
        raise Unfit("less than the baseline itself: a relative limit is at least 1x")
    return Limit(float(match[1]), relative=True)


def budget(found: object) -> Limit:
    """How many answers may be wrong: a share of all, or so many times the baseline's share."""
    return _times(found) or Limit(_share(found))


def _share(found: object) -> float:
    try:
        allowed = share(found)
    except Unfit as unfit:
        raise Unfit('not a share such as "1%", nor so many times the baseline as "2x"') from unfit
    if not 0 <= allowed < 1:
        raise Unfit("out of range: a share is from 0% to below 100%")
    return allowed


def slowest(found: object) -> Limit:
    """How slow answers may be: a time, or so many times the baseline's."""
    return _times(found) or Limit(_time(found))


def _time(found: object) -> float:
    try:
        seconds = duration(found)
    except Unfit as unfit:
        raise Unfit(f'{unfit.reason}; relative to the baseline it would be "1.5x"') from unfit
    above_zero(seconds)
    return seconds


def _show_budget(limit: Limit) -> str:
    return f"{show_number(limit.amount)}x" if limit.relative else in_percent(limit.amount)


def _show_slowest(limit: Limit | None) -> str:
    if limit is None:
        return "none"
    return f"{show_number(limit.amount)}x" if limit.relative else durations.format(limit.amount)


BUDGET = Kind('share such as `"1%"`, or `"2x"` the baseline\'s', budget, _show_budget)
SLOWEST = Kind('duration, or `"1.5x"` the baseline\'s', slowest, _show_slowest)
