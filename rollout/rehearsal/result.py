"""What a rehearsal came to, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.errors import Refused, exit_code_of
from rollout.model import Outcome

USERS = 20.0
"""Requests a second of the users that are simulated beside it."""


@dataclass(frozen=True)
class Rehearsed:
    """How a deployment would have ended, and how many of the users' requests would have failed.

    ``faults`` says what was let go wrong, a sentence each. One that would have been refused before anything
    was touched has a ``refusal`` in the outcome's place, and met no users.
    """

    outcome: Outcome | None
    faults: tuple[str, ...] = ()
    requests: int = 0
    failed: int = 0
    refusal: Refused | None = None

    @property
    def exit_code(self) -> int:
        """That of ``rollout deploy``."""
        if self.refusal is not None:
            return int(self.refusal.exit_code)
        return int(exit_code_of(self.outcome)) if self.outcome else 0
