"""Lists of known words."""

from __future__ import annotations

from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind, each, one_of
from rollout.preflight import ALL, CHECKS

CODES = (*(check.code for check in CHECKS), ALL)


def codes(found: object) -> tuple[str, ...]:
    """Codes of checks: an array, or a text with commas between them; typed, also several such texts."""
    listed = list(found) if isinstance(found, list | tuple) else [found]
    if not all(isinstance(one, str) for one in listed):
        raise Unfit('not codes of checks such as ["no-probe", "mutable-tag"]')
    words = [word.strip() for one in listed for word in str(one).split(",")]
    return each(_code, [word for word in words if word])


_code = one_of(CODES)


CHECK_CODES = Kind(
    "array of codes, or `all`",
    codes,
    lambda given: ", ".join(given) or "none",
    metavar="CODE[,…]",
)
