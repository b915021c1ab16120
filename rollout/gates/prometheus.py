"""Prometheus: every value of a query stands in the wished relation to a threshold."""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import isnan

from rollout.model import Absence, CauseKind, Judgement, Operator, PrometheusGate, Queried, Verdict

_HOLDS: dict[Operator, Callable[[float, float], bool]] = {
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
    Operator.EQUAL: operator.eq,
    Operator.OTHER: operator.ne,
}


def read(queried: Queried, gate: PrometheusGate) -> Judgement:
    """One reading. NaN is no value: a share of no requests at all is one."""
    if queried.error:
        return Judgement(Verdict.INCONCLUSIVE, queried.error)
    values = [value for value in queried.values if not isnan(value)]
    if not values:
        return _absent(gate.absence)
    wrong = [value for value in values if not _HOLDS[gate.operator](value, gate.threshold)]
    if wrong:
        return Judgement(Verdict.FAIL, _compared(wrong, len(values), gate), CauseKind.GATE)
    return Judgement(Verdict.PASS, f"{_listed(values)}, wanted {gate.operator} {gate.threshold:g}")


def _absent(absence: Absence) -> Judgement:
    verdict = Verdict(absence)
    cause = CauseKind.GATE if verdict == Verdict.FAIL else None
    return Judgement(verdict, "the query has no result", cause)


def _compared(wrong: list[float], values: int, gate: PrometheusGate) -> str:
    where = f" ({len(wrong)} of {values} values)" if values > 1 else ""
    return f"{_listed(wrong)} is not {gate.operator} {gate.threshold:g}{where}"


def _listed(values: list[float]) -> str:
    """The first values, as short as they can be told apart from a threshold."""
    return ", ".join(f"{value:g}" for value in values[:3]) + (", …" if len(values) > 3 else "")
