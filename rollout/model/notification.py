"""What somebody is told: a message, when one is wanted, and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Occasion(StrEnum):
    """What a deployment may tell of: its start, and the ways in which it ends."""

    STARTED = "started"
    DEPLOYED = "deployed"
    UNCHANGED = "unchanged"
    ROLLED_BACK = "rolled_back"
    ABORTED = "aborted"
    HELD = "held"
    REFUSED = "refused"
    FAILED = "failed"


class Level(StrEnum):
    """How much it matters: only a failure has to wake anybody."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True)
class Message:
    """Something to tell, in plain text without secrets.

    ``facts`` are names with what there is to say, in order; ``log`` is what a task wrote last; ``next`` is
    what to do. ``at`` is UTC in ISO 8601. ``details`` is the same for programs, as fields of a JSON object.
    ``topic`` is the same for all messages about one trouble, for pagers that close by it what they opened.
    """

    event: str
    level: Level
    title: str
    at: str
    facts: tuple[tuple[str, str], ...] = ()
    log: tuple[str, ...] = ()
    next: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    topic: str = ""


USUALLY_TOLD = (
    Occasion.DEPLOYED,
    Occasion.ROLLED_BACK,
    Occasion.ABORTED,
    Occasion.HELD,
    Occasion.REFUSED,
    Occasion.FAILED,
)


@dataclass(frozen=True)
class Notify:
    """Who is told, and of what. Addresses hold secrets: they are not part of its repr.

    The secret that signs webhooks is in the environment variable ``secret_env`` or in ``secret_file``;
    ``timeout`` is in seconds, for all tries together.
    """

    urls: tuple[str, ...] = field(default=(), repr=False)
    on: tuple[Occasion, ...] = USUALLY_TOLD
    timeout: float = 5.0
    secret_env: str = ""
    secret_file: str = ""
