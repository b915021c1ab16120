"""What a container of an image does: how it starts, answers, fails and stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    ``private`` images need credentials in the spec to be pulled. ``commands`` is what a container does that
    is started with another command than the image's own, by all of that command or by its first word.
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
    stop_signal: str | None = None
    pull_seconds: float = 1.0
    private: bool = False
    commands: Mapping[str, Behaviour] = field(default_factory=dict)

    def started_with(self, command: Sequence[str]) -> Behaviour:
        """What a container does that is started with a command of its own (empty: with the image's)."""
        if not command:
            return self
        missing = Behaviour(cannot_start=f'exec: "{command[0]}": executable file not found in $PATH')
        return self.commands.get(" ".join(command)) or self.commands.get(command[0], missing)


def command(exit_code: int = 0, *log: str, seconds: float = 0.5) -> Behaviour:
    """A command that says something and ends after so many seconds."""
    return Behaviour(healthcheck=False, crash_after=seconds, exit_code=exit_code, log=log)
