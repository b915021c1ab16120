"""One check: what it is called, how bad that is, why it costs requests, and what would mend it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from rollout.model import Finding, Severity
from rollout.preflight.facts import Facts

_NAME = re.compile(r"(rollout \w+ |services\.)NAME\b")
"""Where a line speaks of the service; a secret's or a node's name is another matter."""
Look: TypeAlias = Callable[[Facts], str | None]
"""Looks at the facts and says what is wrong with them, in words; None where nothing is."""


def _nothing_better(_facts: Facts) -> None:
    """The line that always holds is all that is known."""


@dataclass(frozen=True)
class Check:
    """A check. ``costs`` goes on where the words of ``look`` end; ``mend`` has the line to write.

    ``exactly`` has the command to type in this very case, where there is one.
    """

    code: str
    severity: Severity
    costs: str
    mend: str
    look: Look
    exactly: Look = _nothing_better

    @property
    def meaning(self) -> str:
        """What is looked for."""
        return (inspect.getdoc(self.look) or "").partition("\n")[0]

    def finding(self, facts: Facts) -> Finding | None:
        """What it finds."""
        found = self.look(facts)
        if found is None:
            return None
        remedy = self.exactly(facts) or _with_name(self.mend, facts)
        return Finding(self.code, f"{found}: {self.costs}", remedy, self.severity)


def check(
    code: str, severity: Severity, *, costs: str, mend: str, exactly: Look = _nothing_better
) -> Callable[[Look], Check]:
    """Make a check of a function."""

    def made(look: Look) -> Check:
        return Check(code, severity, costs, mend, look, exactly)

    return made


def _with_name(mend: str, facts: Facts) -> str:
    """The line for this service."""
    return _NAME.sub(lambda found: f"{found[1]}{facts.snapshot.service.name}", mend)


def listed(names: list[str], most: int = 3) -> str:
    """Some names in words; of many only the first."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
