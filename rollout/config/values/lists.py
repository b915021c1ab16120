"""Lists of known words."""

from __future__ import annotations

from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind, each, one_of


def known_codes() -> tuple[str, ...]:
    """All that there are. The checks are imported late: every command's help is made from the settings."""
    from rollout.preflight import ALL, CHECKS

    return (*(check.code for check in CHECKS), ALL)


def codes(found: object) -> tuple[str, ...]:
    """Codes of checks: an array, or a text with commas between them; typed, also several such texts."""
    listed = list(found) if isinstance(found, list | tuple) else [found]
    if not all(isinstance(one, str) for one in listed):
        raise Unfit('not codes of checks such as ["no-probe", "mutable-tag"]')
    words = [word.strip() for one in listed for word in str(one).split(",")]
    return each(one_of(known_codes()), [word for word in words if word])


CHECK_CODES = Kind(
    "array of codes, or `all`",
    codes,
    lambda given: ", ".join(given) or "none",
    metavar="CODE[,…]",
)
