"""Messages on their way: a queue a channel, so that one that hangs delays no other, and none is endless.

A message that is not taken is tried again for minutes: a watcher has the time that a deployment has not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from rollout.model import Message
from rollout.notify.delivery import Delivery, Report, send
from rollout.ports import Background, Clock, Notifier

TRY = 15.0
"""Seconds for one attempt, with its own tries in it."""
PAUSE = 5.0
PATIENCE = 600.0
"""Seconds after which a message is too old to be worth anything."""
MOST = 100
"""Messages that wait for one channel."""
HANGING = 3
"""Attempts that never came back, for which a channel is waited for: else threads would pile up."""


@dataclass(frozen=True)
class Letter:
    """A message and since when it has been waiting, on the clock."""

    message: Message
    since: float


@dataclass
class Lane:
    """The messages for one channel, in their order. ``trouble`` is why the last attempt failed."""

    channel: Notifier
    background: Background
    clock: Clock
    waiting: deque[Letter] = field(default_factory=deque)
    under_way: Delivery | None = None
    hung: list[Delivery] = field(default_factory=list)
    not_before: float = 0.0
    delivered: int = 0
    failed: int = 0
    dropped: int = 0
    trouble: str = ""

    def put(self, message: Message) -> bool:
        """Have it sent; whether there was room."""
        if len(self.waiting) >= MOST:
            self.dropped += 1
            return False
        self.waiting.append(Letter(message, self.clock.now()))
        return True

    def turn(self) -> tuple[str, ...]:
        """Go on; in sentences, who has been given up."""
        said = self._collect()
        if self.under_way is None:
            self._begin()
            return (*said, *self._collect())
        return said

    def _begin(self) -> None:
        self.hung = [one for one in self.hung if not _is_back(one)]
        ready = self.waiting and self.clock.now() >= self.not_before and len(self.hung) < HANGING
        if ready:
            message = self.waiting[0].message
            self.under_way = send([self.channel], message, TRY, self.background, self.clock)

    def _collect(self) -> tuple[str, ...]:
        """What has come of the attempt under way, if it is at its end."""
        attempt = self.under_way
        if attempt is None or not (_is_back(attempt) or self.clock.now() >= attempt.until):
            return ()
        self.under_way = None
        self.hung += [] if _is_back(attempt) else [attempt]
        (report,) = attempt.reports()
        return self._failed(report) if report.error else self._delivered()

    def _delivered(self) -> tuple[str, ...]:
        self.waiting.popleft()
        self.delivered, self.trouble = self.delivered + 1, ""
        return ()

    def _failed(self, report: Report) -> tuple[str, ...]:
        self.not_before = self.clock.now() + PAUSE
        first, self.trouble = not self.trouble, report.error
        if self.clock.now() - self.waiting[0].since < PATIENCE:
            return (f"{report.channel} was not told yet: {report.error}",) if first else ()
        self.waiting.popleft()
        self.failed += 1
        return (f"{report.channel} was not told: {report.error}",)


class Outbox:
    """All channels."""

    def __init__(self, channels: Sequence[Notifier], background: Background, clock: Clock) -> None:
        self._clock = clock
        self.lanes = tuple(Lane(channel, background, clock) for channel in channels)

    def put(self, message: Message) -> tuple[str, ...]:
        """Have it sent by each; in sentences, whose queue is full."""
        full = [lane.channel.name for lane in self.lanes if not lane.put(message)]
        return tuple(f"{name} is not told: {MOST} messages are waiting for it already" for name in full)

    def turn(self) -> tuple[str, ...]:
        """Go on; in sentences, who is not told."""
        return tuple(said for lane in self.lanes for said in lane.turn())

    @property
    def busy(self) -> bool:
        """Whether something is waiting or under way."""
        return any(lane.waiting for lane in self.lanes)

    def flush(self, seconds: float) -> None:
        """Wait for what is under way, for a bounded time: the program is about to end."""
        until = self._clock.now() + seconds
        while self.busy and self._clock.now() < until:
            self.turn()
            self._clock.sleep(0.05)


def _is_back(attempt: Delivery) -> bool:
    return all(one.result() for _, one in attempt.pending)
