"""One check: what it is called, how bad that is, why it costs requests, and what would mend it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rollout.model import Finding, Severity
from rollout.preflight.facts import Facts

Look: TypeAlias = Callable[[Facts], str | None]
"""Looks at the facts and says what is wrong with them, in words; None where nothing is."""


@dataclass(frozen=True)
class Check:
    """A check. ``costs`` goes on where the words of ``look`` end; ``mend`` has the line to write."""

    code: str
    severity: Severity
    costs: str
    mend: str
    look: Look

    @property
    def meaning(self) -> str:
        """What is looked for."""
        return (inspect.getdoc(self.look) or "").partition("\n")[0]

    def finding(self, facts: Facts) -> Finding | None:
        """What it finds."""
        found = self.look(facts)
        if found is None:
            return None
        return Finding(self.code, f"{found}: {self.costs}", self.mend, self.severity)


def check(code: str, severity: Severity, *, costs: str, mend: str) -> Callable[[Look], Check]:
    """Make a check of a function."""

    def made(look: Look) -> Check:
        return Check(code, severity, costs, mend, look)

    return made


def listed(names: list[str], most: int = 3) -> str:
    """Some names in words; of many only the first."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
