"""Several callers at once on one virtual clock: each in a thread of its own, one running at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from rollout.sim.clock import SimClock


class Together:
    """The port ``Clock`` for callers that take turns: who sleeps lets the next one run."""

    def __init__(self, clock: SimClock) -> None:
        self._clock = clock
        self._wakes: dict[threading.Thread, float] = {}
        self._turn: threading.Thread | None = None
        self._changed = threading.Condition()

    def now(self) -> float:
        return self._clock.now()

    def wall(self) -> datetime:
        return self._clock.wall()

    def sleep(self, seconds: float) -> None:
        me = threading.current_thread()
        with self._changed:
            self._wakes[me] = self._clock.now() + seconds
            self._give_up_turn()
            self._changed.wait_for(lambda: self._turn is me)

    def run(self, *acts: Callable[[], None]) -> None:
        """Run them all to their ends."""
        threads = [threading.Thread(target=self._live, args=(act,), daemon=True) for act in acts]
        self._wakes = {thread: self._clock.now() for thread in threads}
        for thread in threads:
            thread.start()
        with self._changed:
            while self._wakes:
                self._let_next_run()
                self._changed.wait_for(lambda: self._turn is None)

    def _live(self, act: Callable[[], None]) -> None:
        me = threading.current_thread()
        with self._changed:
            self._changed.wait_for(lambda: self._turn is me)
        try:
            act()
        finally:
            with self._changed:
                self._give_up_turn()

    def _let_next_run(self) -> None:
        nearest = min(self._wakes, key=lambda thread: self._wakes[thread])
        self._clock.sleep(self._wakes.pop(nearest) - self._clock.now())
        self._turn = nearest
        self._changed.notify_all()

    def _give_up_turn(self) -> None:
        self._turn = None
        self._changed.notify_all()
