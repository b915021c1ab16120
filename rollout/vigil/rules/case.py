"""What a rule judges."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.model import Ailment, Task, TaskState, Vigil
from rollout.model.alert import CONCERNS
from rollout.secrets import without_secrets
from rollout.vigil.history import History
from rollout.vigil.survey import Survey

A_MOMENT = 5.0
"""Seconds that what is told at once has to last all the same: one look may see something on its way."""


@dataclass(frozen=True)
class Case:
    """One look, what is remembered of those before, the settings, and what somebody knows of."""

    survey: Survey
    history: History
    vigil: Vigil
    known: frozenset[tuple[str, Ailment]] = frozenset()

    def knows(self, ailment: Ailment, subject: str) -> bool:
        """Whether somebody knows that it has this."""
        return (f"{CONCERNS[ailment]}/{subject}", ailment) in self.known


def plural(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def trouble(task: Task, node: str) -> str:
    """What a task is doing or has died of, and where, in a few words."""
    where = f" on {node}" if node else ""
    error = without_secrets(task.error)
    if task.state > TaskState.RUNNING:
        code = f" (exit code {task.exit_code})" if task.exit_code is not None else ""
        return (error or f"ended by itself{code}") + where
    return task.state.label + where + (f": {error}" if error else "")
