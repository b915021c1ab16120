"""A container's own course: when it turns healthy, and how it ends if nobody stops it."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.sim.behaviour import Behaviour, Health
from rollout.sim.task import SimTask

NANOSECONDS = 1_000_000_000
KILLED = 137
DEFAULT_GRACE = 10.0


@dataclass(frozen=True)
class End:
    """How a process ends; ``told`` if only because it was told to stop."""

    exit_code: int
    error: str = ""
    told: bool = False


@dataclass(frozen=True)
class Turn:
    """What happens to a container ``after`` so long (None: never). Without an end it turns healthy."""

    after: float | None
    end: End | None = None


class SimContainer:
    """What a task makes of its image's behaviour. Times count from the start of the process."""

    def __init__(self, task: SimTask, behaviour: Behaviour) -> None:
        self._task = task
        self._behaviour = behaviour

    @property
    def has_healthcheck(self) -> bool:
        """Whether a health check decides when the task is running: the spec's own, or the image's."""
        test = (self._task.container.get("Healthcheck") or {}).get("Test") or []
        return test[0] != "NONE" if test else self._behaviour.healthcheck

    @property
    def stop_seconds(self) -> float:
        """From the stop signal to the end, which the grace period bounds."""
        return min(self._behaviour.stop_seconds, self._grace)

    @property
    def stop_code(self) -> int:
        """The exit code after the stop signal, or after the kill that follows it."""
        return self._behaviour.stop_code if self._behaviour.stop_seconds <= self._grace else KILLED

    def first_turn(self) -> Turn:
        """What comes first: the health checks' verdict, or the end. Without checks all is well at once."""
        if not self.has_healthcheck:
            return Turn(0.0)
        turns = [Turn(self._behaviour.crash_after, self._crash())]
        if self._behaviour.health == Health.GOOD:
            turns.append(Turn(self._behaviour.start_seconds))
        if self._behaviour.health == Health.BAD:
            turns.append(Turn(self._behaviour.start_seconds, self._unhealthy()))
        return _first(turns)

    def last_turn(self) -> Turn:
        """How it ends once it runs."""
        turns = [Turn(self._behaviour.crash_after, self._crash())]
        if self.has_healthcheck:
            turns.append(Turn(self._behaviour.sick_after, self._unhealthy()))
        return _first(turns)

    @property
    def _grace(self) -> float:
        grace = self._task.container.get("StopGracePeriod")
        return DEFAULT_GRACE if grace is None else float(grace) / NANOSECONDS

    def _crash(self) -> End:
        code = self._behaviour.exit_code
        return End(code, f"task: non-zero exit ({code})" if code else "")

    def _unhealthy(self) -> End:
        """It is told to stop; if it then exits with 0, nothing says any more that it was unhealthy (seen)."""
        code = self.stop_code
        error = f"task: non-zero exit ({code}): dockerexec: unhealthy container" if code else ""
        return End(code, error, told=True)


def _first(turns: list[Turn]) -> Turn:
    due = [turn for turn in turns if turn.after is not None]
    return min(due, key=lambda turn: turn.after or 0.0, default=Turn(None))
