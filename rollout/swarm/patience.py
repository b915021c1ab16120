"""Reads are tried again for a while: managers elect leaders, networks hiccup, daemons restart.

Writes never come here: one whose answer was lost may have landed, and the executor has to look first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from rollout.clock import SystemClock
from rollout.errors import EngineUnavailable, RegistryUnavailable, RolloutError
from rollout.ports import Clock

T = TypeVar("T")
PATIENCE = 20.0
"""Seconds from the first try on; a leader election takes 10 at worst. The last try may time out later."""


def _silent(error: RolloutError, seconds: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Patience:
    """How long to go on trying, in seconds on the port's clock, and whom to tell.

    ``notice`` is called before each pause with the error and the seconds until the next try. What it raises
    ends the waiting: that is how a signal gets through.
    """

    clock: Clock
    seconds: float = PATIENCE
    notice: Callable[[RolloutError, float], None] = _silent

    def read(self, act: Callable[[], T]) -> T:
        """The answer of ``act``, or its last error once patience is at its end."""
        begun = self.clock.now()
        attempts = Retrying(
            retry=retry_if_exception_type((EngineUnavailable, RegistryUnavailable)),
            stop=lambda _state: self.clock.now() - begun >= self.seconds,
            wait=wait_exponential(multiplier=0.5, max=3),
            sleep=self.clock.sleep,
            before_sleep=self._tell,
            reraise=True,
        )
        return attempts(act)

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RolloutError):
            self.notice(error, state.upcoming_sleep)


USUAL = Patience(SystemClock())
"""For callers that have nothing to say about it."""
