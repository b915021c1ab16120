"""Services that were asked for by name, and are not there."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.model import Ailment, Condition, Level
from rollout.vigil.rules.case import Case


def gone(case: Case) -> Iterator[Condition]:
    """Of services that are watched because they are there, nobody can say that they should be."""
    return (_condition(name, case) for name in case.survey.lost)


def _condition(name: str, case: Case) -> Condition:
    return Condition(
        Ailment.GONE,
        name,
        name,
        "the service is not there any more",
        Level.FAILURE,
        case.vigil.replicas_for,
        next="`docker service ls` lists those that are; deploy its stack again, or take it out of the watch",
    )
