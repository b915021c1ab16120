"""Things that go on at the same time, as generators: each yields what it waits for next.

They stand for the goroutines of swarmkit and for the containers; the order in which they move is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TypeAlias

from rollout.sim.clock import SimClock, Timer

_EVERYTHING = "everything"
_NOTHING = "nothing that anybody waits for by name"


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Wait:
    """What a process waits for: until something holds, but no longer than ``timeout`` seconds."""

    holds: Callable[[], bool] = _never
    timeout: float | None = None


Steps: TypeAlias = Generator[Wait, None, None]


def pause(seconds: float) -> Wait:
    """Wait for a time."""
    return Wait(timeout=seconds)


def until(holds: Callable[[], bool], timeout: float | None = None) -> Wait:
    """Wait until something holds; whether it does or time is up, the process looks for itself."""
    return Wait(holds, timeout)


class Process:
    """One generator on its way; others may wait for its end.

    What it waits for depends on the one object ``about``, if it names one: it need not look up for others.
    """

    def __init__(self, steps: Steps, clock: SimClock, tell: Callable[[], None], about: str = "") -> None:
        self.about = about
        self._steps = steps
        self._clock = clock
        self._tell = tell
        self._wait: Wait | None = None
        self._timer: Timer | None = None
        self.ended = False

    def look(self) -> None:
        """Move on if what it waits for holds."""
        if self._wait is not None and self._wait.holds():
            self.advance()

    def advance(self) -> None:
        """Run to the next thing that has to be waited for."""
        self._rest()
        for wait in self._steps:
            if not wait.holds():
                self._await(wait)
                return
        self.ended = True
        self._tell()

    def stop(self) -> None:
        """End it where it stands."""
        self._rest()
        self.ended = True
        self._steps.close()
        self._tell()

    def _await(self, wait: Wait) -> None:
        self._wait = wait
        if wait.timeout is not None:
            self._timer = self._clock.call_later(wait.timeout, self.advance)

    def _rest(self) -> None:
        self._wait = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Processes:
    """All processes; ``poke`` them whenever something they may wait for has changed."""

    def __init__(self, clock: SimClock) -> None:
        self.clock = clock
        self._all: list[Process] = []
        self._changed: set[str] = set()

    def start(self, steps: Steps, about: str = "") -> Process:
        """Begin one; its first step is taken as soon as time moves."""
        process = Process(steps, self.clock, lambda: self.poke(about or _NOTHING), about)
        self._all.append(process)
        self.clock.call_later(0, lambda: None if process.ended else process.advance())
        return process

    def poke(self, changed: str = _EVERYTHING) -> None:
        """Have those whom a change may concern look again, once, as soon as time moves."""
        if not self._changed:
            self.clock.call_later(0, self._look)
        self._changed.add(changed)

    def _look(self) -> None:
        changed, self._changed = self._changed, set()
        self._all = [process for process in self._all if not process.ended]
        for process in list(self._all):
            if not process.about or process.about in changed or _EVERYTHING in changed:
                process.look()
