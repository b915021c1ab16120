"""Messages on their way: a queue a channel, so that one that hangs delays no other, and none is endless.

A message that is not taken is tried again for a day, at growing distances: a watcher has the time that a
deployment has not. One that may have been taken is tried again twice: each try may be a copy.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rollout.model import Message
from rollout.notify.delivery import Delivery, Report, send_once
from rollout.ports import Background, Clock, Notifier
from rollout.vigil.tidings import Owed

TRY = 15.0
"""Seconds for one attempt."""
PAUSE = 2.0
LONGEST_PAUSE = 300.0
"""Seconds between two attempts: the pause doubles until then."""
PATIENCE = 24 * 3600.0
"""Seconds after which a message is too old to be worth anything."""
DOUBTS = (60.0, 600.0)
"""Seconds until a message is repeated that may have been taken already."""
MOST = 100
"""Messages that wait for one channel."""
HANGING = 3
"""Attempts that never came back, for which a channel is waited for: else threads would pile up."""


@dataclass(frozen=True)
class Letter:
    """A message and since when it has been waiting, on the clock; ``doubts`` may have worked."""

    message: Message
    since: float
    tries: int = 0
    doubts: int = 0

    def after(self, report: Report) -> Letter:
        """The same after a try that has failed, as far as is known."""
        return replace(self, tries=self.tries + 1, doubts=self.doubts + report.doubtful)

    @property
    def pause(self) -> float:
        """Seconds until the next try."""
        doubtful = DOUBTS[min(self.doubts, len(DOUBTS)) - 1] if self.doubts else 0.0
        return max(doubtful, min(LONGEST_PAUSE, PAUSE * 2.0 ** min(self.tries - 1, 16)))

    def hopeless(self, now: float) -> bool:
        """Whether it is given up."""
        return self.doubts > len(DOUBTS) or now - self.since >= PATIENCE


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

    def forget(self) -> None:
        """Send no more than what is under way."""
        while len(self.waiting) > (self.under_way is not None):
            self.waiting.pop()

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
            self.under_way = send_once(self.channel, message, TRY, self.background, self.clock)

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
        letter = self.waiting[0].after(report)
        first, self.trouble = not self.trouble, report.error
        self.waiting[0], self.not_before = letter, self.clock.now() + letter.pause
        if not letter.hopeless(self.clock.now()):
            return (f"{report.channel} was not told yet: {report.error}",) if first else ()
        self.waiting.popleft()
        self.failed, self.not_before = self.failed + 1, 0.0
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

    def owed(self) -> tuple[Owed, ...]:
        """What has not been taken yet, and by whom."""
        found: dict[int, Owed] = {}
        for lane in self.lanes:
            for letter in lane.waiting:
                known = found.get(id(letter.message), Owed(letter.message, ()))
                found[id(letter.message)] = replace(known, channels=(*known.channels, lane.channel.name))
        return tuple(found.values())

    def take_up(self, owed: Sequence[Owed]) -> None:
        """Have sent what an earlier life could not; who is not told any more is left out."""
        for one in owed:
            for lane in self.lanes:
                if lane.channel.name in one.channels:
                    lane.put(one.message)

    def forget(self) -> None:
        """Leave what is waiting to others; what is under way cannot be called back."""
        for lane in self.lanes:
            lane.forget()

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
