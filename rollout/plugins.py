"""Strategies by entry point, so that a third party's is no less than ours."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from rollout.errors import UsageError
from rollout.stepping import Strategy

GROUP = "rollout.strategies"


def names() -> tuple[str, ...]:
    """The strategies that are installed."""
    return tuple(sorted(found.name for found in entry_points(group=GROUP)))


def strategy(name: str) -> Strategy:
    """The strategy of that name. Raises UsageError, which lists those that there are."""
    found = next(iter(entry_points(group=GROUP, name=name)), None)
    if found is None:
        raise UsageError(f"there is no strategy {name!r}", f"installed are: {', '.join(names())}")
    return _load(found)


def _load(found: EntryPoint) -> Strategy:
    try:
        loaded: Strategy = found.load()
    except (ImportError, AttributeError) as error:
        raise UsageError(
            f"the strategy {found.name!r} cannot be loaded: {error}", f"see {found.value}"
        ) from error
    return loaded
