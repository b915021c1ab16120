"""Tables inside of a service's table: each sets fields of ``Options`` that no flag can set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rollout.config.errors import Place, Problem


@dataclass(frozen=True)
class Inner:
    """What they say, by field of ``Options``, and what is wrong with them."""

    by_option: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def together(parts: Sequence[Inner]) -> Inner:
    """All of them as one; tuples of the same field are joined in their order."""
    by_option: dict[str, Any] = {}
    for part in parts:
        by_option |= {
            option: _joined(by_option.get(option), value) for option, value in part.by_option.items()
        }
    return Inner(by_option, tuple(problem for part in parts for problem in part.problems))


def _joined(before: Any, value: Any) -> Any:
    return value if before is None else (*before, *value)


def tables_in(found: object, name: str, service: str, place: Place) -> Sequence[Mapping[str, Any]] | Problem:
    """The tables of an array of tables."""
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found
    said = f"{name} in [services.{service}] is no array of tables: write [[services.{service}.{name}]]"
    return Problem(said, place)
