"""Users in the simulation: so many requests a second, counted without simulating each of them."""

from __future__ import annotations

from math import floor

from rollout.sim.memory import Memory
from rollout.sim.traffic import Traffic

PATIENCE = 5.0
"""Seconds after which a user has left, as a probe has by default."""


class Load:
    """A steady load on one service; requests go round the serving tasks.

    Between two changes of the Swarm nothing changes for the users, so the requests in between are counted
    at once.
    """

    def __init__(self, memory: Memory, traffic: Traffic, service_id: str, rate: float) -> None:
        self._memory = memory
        self._traffic = traffic
        self._service_id = service_id
        self._rate = rate
        self._since = memory.clock.now()
        self._counted = 0
        self._failed = 0
        memory.before_change.append(self._catch_up)

    @property
    def requests(self) -> int:
        """The requests sent so far."""
        self._catch_up()
        return self._counted

    @property
    def failed(self) -> int:
        """Those that got no answer, or a bad one."""
        self._catch_up()
        return self._failed

    def stop(self) -> None:
        """Send no more."""
        self._catch_up()
        self._rate = 0.0
        self._memory.before_change.remove(self._catch_up)

    def _catch_up(self) -> None:
        due = floor((self._memory.clock.now() - self._since) * self._rate + 1e-9)
        fresh = due - self._counted
        if fresh > 0:
            self._failed += self._failures_among(fresh)
            self._counted = due

    def _failures_among(self, fresh: int) -> int:
        answers = self._traffic.answers(self._service_id)
        good = [answer.good and answer.seconds <= PATIENCE for answer in answers]
        if not good:
            return fresh
        turns = range(self._counted, self._counted + fresh % len(good))
        rest = sum(not good[turn % len(good)] for turn in turns)
        return fresh // len(good) * good.count(False) + rest
