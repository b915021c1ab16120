"""What notifications are made of: addresses, occasions, and where a secret is."""

from __future__ import annotations

from rollout.config.errors import Unfit
from rollout.config.values.kind import Kind, each, one_of
from rollout.config.values.names import text
from rollout.model import Occasion

_occasion = one_of(Occasion)


def addresses(found: object) -> tuple[str, ...]:
    """Addresses as they are. What is wrong with one is said elsewhere: no message may repeat it."""
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list) or not all(isinstance(one, str) and one.strip() for one in listed):
        raise Unfit("not an array of addresses such as slack://… or https://…")
    return tuple(listed)


def occasions(found: object) -> tuple[Occasion, ...]:
    """Words of which each names an occasion."""
    if not isinstance(found, list):
        raise Unfit('not an array such as ["rolled_back", "failed"]')
    return each(_occasion, found)


ADDRESSES = Kind("array of addresses", addresses, lambda given: f"{len(given)} of them" if given else "none")
_WORDS = ", ".join(f"`{word}`" for word in Occasion)
OCCASIONS = Kind(f"array of {_WORDS}", occasions, ", ".join)
FILE = Kind("path", text, lambda path: path or "none")
VARIABLE = Kind("name", text, lambda name: name or "none")
"""Whether it is the name of a variable is said elsewhere: a secret in its place must not be repeated."""
