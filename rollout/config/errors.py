"""What is wrong with a configuration, collected and then said at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rollout.errors import UsageError

Place: TypeAlias = tuple[str | int, ...]
"""A place in a TOML file, as keys and array indexes: ``("services", "php", "gates", 0, "url")``."""

_MOST_SHOWN = 20


class Unfit(ValueError):
    """A value cannot be used; ``reason`` continues the sentence "KEY is VALUE, ...".

    ``element`` is the one of several that it is about, where that may be shown.
    """

    def __init__(self, reason: str, element: object = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.element = element


@dataclass(frozen=True)
class Problem:
    """One sentence for the user, and the place in the file that it is about."""

    sentence: str
    place: Place = ()


class ConfigError(UsageError):
    """The configuration is wrong; every problem that was found is named, one a line."""

    def __init__(self, problems: Sequence[str], hint: str = "") -> None:
        super().__init__("\n".join(_shortened(problems)), hint)
        self.problems = tuple(problems)


def _shortened(problems: Sequence[str]) -> list[str]:
    """Labels come from the engine, as many as it likes to send."""
    left_out = len(problems) - _MOST_SHOWN
    more = [f"and {left_out} more problems"] if left_out > 0 else []
    return [*problems[:_MOST_SHOWN], *more]
