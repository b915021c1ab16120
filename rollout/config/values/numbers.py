"""Counts, shares, rates and switches; from variables and labels they come as text."""

from __future__ import annotations

import re
from decimal import Decimal

from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind, each
from rollout.model import Batch

_MOST = 10**15
"""Beyond this a floating point number cannot tell one from the next."""


def number(found: object) -> float:
    """A number, also as text."""
    if isinstance(found, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", found):
        return float(found)
    if isinstance(found, bool) or not isinstance(found, int | float) or not -_MOST <= found <= _MOST:
        raise Unfit("not a number such as 2 or 0.5")
    return float(found)


def share(found: object) -> float:
    """A share as a number, or in percent; ``"99.9%"`` is exactly 0.999."""
    text = found if isinstance(found, str) else ""
    percent = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]{1,12})?)%", text)
    return float(Decimal(percent[1]) / 100) if percent else number(found)


def in_percent(value: float) -> str:
    """A share as a person writes it."""
    return f"{100 * value:.7g}%"


def batch(found: object) -> Batch:
    """A count, or a share of all slots."""
    text = str(found) if isinstance(found, int | str) and not isinstance(found, bool) else ""
    match = re.fullmatch(r"(-?[0-9]{1,9})(%?)", text)
    if match is None:
        raise Unfit('not a count such as 2 or a share such as "25%"')
    return Batch(int(match[1]), bool(match[2]))


def stages(found: object) -> tuple[Batch, ...]:
    """Batches: an array, or a text with commas between them."""
    listed = found.split(",") if isinstance(found, str) else found
    listed = listed if isinstance(listed, list | tuple) else [listed]
    return each(batch, [one.strip() if isinstance(one, str) else one for one in listed])


def _some_stages(given: tuple[Batch, ...]) -> None:
    if not given:
        raise Unfit("empty: there is at least one stage")
    for one in given:
        _some_slots(one)


def _some_slots(value: Batch) -> None:
    if value.percent and not 1 <= value.amount <= 100:
        raise Unfit("out of range: a share is between 1% and 100%")
    if value.amount < 1:
        raise Unfit("too few: a batch is at least 1")


def _count(found: object) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 1 <= found <= 1000:
        raise Unfit("not a count from 1 to 1000")
    return found


def _kept(found: object) -> int:
    text = found if isinstance(found, str) else ""
    return _count(int(text) if re.fullmatch(r"[0-9]{1,4}", text) else found)


def _switch(found: object) -> bool:
    if isinstance(found, bool):
        return found
    if found not in ("true", "false"):
        raise Unfit("neither true nor false")
    return found == "true"


def _above_zero(rate: float) -> None:
    if not rate > 0:
        raise Unfit("nothing at all: a rate is above 0")


def _low(rate: float) -> None:
    if not 0 <= rate <= 100:
        raise Unfit("out of range: a rate of 0 switches it off, and it is at most 100")


def _sure(confidence: float) -> None:
    if not 0.9 <= confidence <= 0.99999:
        raise Unfit('out of range: a confidence is between "90%" and "99.999%"')


def show_number(value: float) -> str:
    """A number without decimals that say nothing."""
    return f"{value:.12g}"


BATCH = Kind('count, or share such as `"25%"`', batch, str, _some_slots, Batch, "N|P%")
STAGES = Kind(
    'counts or shares, such as `"1,25%"` or `[1, "25%"]`',
    stages,
    lambda given: ",".join(map(str, given)),
    _some_stages,
    tuple,
    "N|P%[,…]",
)
COUNT = Kind("1 to 1000", _count)
CONFIDENCE = Kind('`"90%"` to `"99.999%"`, or as a number', share, in_percent, _sure)
KEPT = Kind("1 to 1000", _kept, metavar="N")
LOW_RATE = Kind("requests a second, 0 to 100", number, show_number, _low, metavar="N")
NUMBER = Kind("number", number, show_number)
RATE = Kind(
    "requests a second", number, lambda rate: show_number(rate) if rate else "as fast as it goes", _above_zero
)
SWITCH = Kind("`true`, `false`", _switch, lambda on: "true" if on else "false")
