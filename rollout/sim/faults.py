"""What can go wrong between the caller and the engine, and when: for tests that cut a deployment anywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rollout.errors import EngineUnavailable, OutcomeUnknown
from rollout.sim.clock import SimClock

T = TypeVar("T")


class Killed(BaseException):
    """The process that deploys is gone; no handler of ``Exception`` may catch it."""


def kill() -> None:
    """End the deploying process: hand this to ``clock.call_at``, ``Writes.before`` or ``Writes.after``."""
    raise Killed


class Writes:
    """The writes of one kind, counted from 1; hooks are set for writes to come."""

    def __init__(self) -> None:
        self.count = 0
        self._before: dict[int, list[Callable[[], None]]] = {}
        self._after: dict[int, list[Callable[[], None]]] = {}

    def before(self, nth: int, act: Callable[[], None]) -> None:
        """Do something just before the nth write reaches the engine."""
        self._before.setdefault(nth, []).append(act)

    def after(self, nth: int, act: Callable[[], None]) -> None:
        """Do something when the nth write has landed, before its reply is read."""
        self._after.setdefault(nth, []).append(act)

    def lose_request(self, nth: int) -> None:
        """Let the connection break before the nth write lands."""
        self.before(nth, _break_off)

    def lose_reply(self, nth: int) -> None:
        """Let the connection break after the nth write has landed."""
        self.after(nth, _break_off)

    def begin(self) -> int:
        """Count a write, and let happen what is to happen before it."""
        self.count += 1
        for act in self._before.get(self.count, ()):
            act()
        return self.count

    def finish(self, number: int) -> None:
        """Let happen what is to happen after a write."""
        for act in self._after.get(number, ()):
            act()


def _break_off() -> None:
    raise OutcomeUnknown("the connection broke during the write")


class Faults:
    """The engine's outages and the writes' hooks by kind, and for ``all`` of them together.

    ``services`` are the updates, ``births`` what creates and removes services, ``entries`` is the store.
    """

    def __init__(self, clock: SimClock) -> None:
        self.services = Writes()
        self.births = Writes()
        self.entries = Writes()
        self.all = Writes()
        self._clock = clock
        self._away_until = 0.0
        self._caller_dead = False

    def die(self) -> None:
        """End the deploying process as SIGKILL does: nothing that it would do on its way out arrives."""
        self._caller_dead = True
        raise Killed

    def be_called_anew(self) -> None:
        """Let the next process call."""
        self._caller_dead = False

    def go_away(self, seconds: float) -> None:
        """Let the engine answer nobody for so long."""
        self._away_until = self._clock.now() + seconds

    def check(self) -> None:
        """Raise EngineUnavailable while the engine is away, and Killed in a process that is dead."""
        if self._caller_dead:
            raise Killed
        if self._clock.now() < self._away_until:
            raise EngineUnavailable("the engine does not answer")

    def write(self, kind: Writes, act: Callable[[], T]) -> T:
        """Carry out a write of a kind with everything that is to happen around it."""
        of_all, of_kind = self.all.begin(), kind.begin()
        self.check()
        result = act()
        kind.finish(of_kind)
        self.all.finish(of_all)
        return result
