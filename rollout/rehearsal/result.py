"""What a rehearsal came to, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.model import Outcome

USERS = 20.0
"""Requests a second of the users that are simulated beside it."""


@dataclass(frozen=True)
class Rehearsed:
    """How a deployment would have ended, and how many of the users' requests would have failed.

    ``faults`` says what was let go wrong, a sentence each.
    """

    outcome: Outcome
    faults: tuple[str, ...]
    requests: int
    failed: int
