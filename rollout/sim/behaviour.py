"""What a container of an image does: how it starts, answers, fails and stops."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """What becomes of the first health checks."""

    GOOD = "good"
    BAD = "bad"
    """Fails all its retries: the container is stopped."""

    SILENT = "silent"
    """Neither passes nor fails: the task stays in starting for ever."""


@dataclass(frozen=True)
class Behaviour:
    """Times are in seconds; those of starting, crashing and turning sick count from the process's start.

    ``start_seconds`` is when the first checks have their result. ``stop_code`` is the exit code after the
    stop signal: with 0, a container that is stopped because it is unhealthy ends as complete, not as failed.
    ``private`` images need credentials in the spec to be pulled.
    """

    healthcheck: bool = True
    health: Health = Health.GOOD
    start_seconds: float = 0.5
    crash_after: float | None = None
    exit_code: int = 1
    sick_after: float | None = None
    cannot_start: str = ""
    log: tuple[str, ...] = ()
    status: int = 200
    latency: float = 0.02
    stop_seconds: float = 0.3
    stop_code: int = 0
    pull_seconds: float = 1.0
    private: bool = False
