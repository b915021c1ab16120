"""``[[services.NAME.gates]]``: every entry says its kind, and has the fields of that kind."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.config.errors import Place, Problem
from rollout.config.inner import Inner, tables_in, together
from rollout.config.kinds import KINDS
from rollout.config.shapes import fill
from rollout.config.wording import shown


def read_gates(found: object, service: str, place: Place) -> Inner:
    """Every gate in the table of a service."""
    tables = tables_in(found, "gates", service, place)
    if isinstance(tables, Problem):
        return Inner(problems=(tables,))
    where = f"of [services.{service}]"
    return together([_gate(one, f"gate {n} {where}", (*place, n - 1)) for n, one in enumerate(tables, 1)])


def _gate(found: Mapping[str, object], where: str, place: Place) -> Inner:
    named = found.get("kind")
    kind = KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        return Inner(problems=(_no_such_kind(found, where, place),))
    filled = fill(kind.shape, found, where, place, also="kind")
    return Inner(problems=filled.problems) if filled.problems else Inner({kind.option: (filled.value,)})


def _no_such_kind(found: Mapping[str, object], where: str, place: Place) -> Problem:
    known = ", ".join(f'"{name}"' for name in KINDS)
    if "kind" not in found:
        return Problem(f"{where} has no kind: give it one of {known}", place)
    return Problem(f"kind in {where} is {shown(found['kind'])}, not one of {known}", (*place, "kind"))
