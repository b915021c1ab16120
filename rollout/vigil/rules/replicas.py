"""Fewer replicas run than are wanted."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.model import Ailment, Condition, Level, Task
from rollout.vigil.rules.case import Case, plural, trouble
from rollout.vigil.survey import Standing


def missing(case: Case) -> Iterator[Condition]:
    """Services below their replicas."""
    return (_condition(one, case) for one in case.survey.standings if one.short)


def _condition(one: Standing, case: Case) -> Condition:
    suspect = _suspect(one)
    node = case.survey.node_name(suspect.node_id) if suspect and suspect.node_id else ""
    return Condition(
        Ailment.REPLICAS,
        one.id,
        one.name,
        f"{one.healthy} of {plural(one.wanted, 'replica')} {'runs' if one.healthy == 1 else 'run'}",
        Level.WARNING if one.healthy else Level.FAILURE,
        case.vigil.replicas_for,
        (("why", trouble(suspect, node)),) if suspect else (),
        f"`rollout status {one.name}` shows its replicas",
        suspect.id if suspect else "",
    )


def _suspect(one: Standing) -> Task | None:
    """The task that tells most: one that died or says what it lacks, or else one that does not run yet."""
    waiting = [task for task in one.tasks if not task.running]
    told = [task for task in waiting if task.error]
    dead = [task for task in one.past if task.died]
    return next(iter([*told, *dead, *waiting]), None)
