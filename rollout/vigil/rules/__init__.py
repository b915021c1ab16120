"""What is wrong, by one look and what is remembered: one subject a module, each a pure function."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from rollout.model import Ailment, Condition, Vigil
from rollout.vigil.history import History
from rollout.vigil.rules import (
    absence,
    deployments,
    logins,
    machines,
    probes,
    replicas,
    restarts,
    stuck,
    updates,
)
from rollout.vigil.rules.case import Case
from rollout.vigil.survey import Survey

Rule: TypeAlias = Callable[[Case], Iterator[Condition]]

RULES: tuple[Rule, ...] = (
    machines.nodes,
    machines.managers,
    absence.gone,
    replicas.missing,
    restarts.loops,
    stuck.tasks,
    updates.ended_badly,
    deployments.left,
    probes.failing,
    logins.ending,
)


@dataclass(frozen=True)
class Examiner:
    """Everything that is wrong. ``known`` are the conditions, by their alerts' keys, that are open."""

    vigil: Vigil
    rules: tuple[Rule, ...] = field(default=RULES)

    def examine(
        self, survey: Survey, history: History, known: frozenset[tuple[str, Ailment]]
    ) -> tuple[Condition, ...]:
        """By all rules."""
        case = Case(survey, history, self.vigil, known)
        return tuple(chain.from_iterable(rule(case) for rule in self.rules))
