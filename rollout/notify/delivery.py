"""Sends one message by all channels side by side, tried again, and never beyond its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential

from rollout.connecting import late
from rollout.errors import MaybeDelivered, NotDelivered, RolloutError
from rollout.model import Message
from rollout.ports import Background, Clock, Notifier, Pending

_LOOK = 0.02
"""Seconds between two looks at what is under way."""


@dataclass(frozen=True)
class Report:
    """What came of one channel; ``error`` is empty if it took the message, ``doubtful`` if it may have."""

    channel: str
    error: str = ""
    doubtful: bool = False


@dataclass(frozen=True)
class Delivery:
    """A message under way; ``until`` is on the clock, ``seconds`` what it was given."""

    clock: Clock
    until: float
    seconds: float
    pending: tuple[tuple[str, Pending[Report]], ...]

    def reports(self) -> tuple[Report, ...]:
        """What came of it, waiting no longer than until its time is over."""
        while self.clock.now() < self.until and not all(one.result() for _, one in self.pending):
            self.clock.sleep(_LOOK)
        return tuple(one.result() or Report(name, late(self.seconds), True) for name, one in self.pending)


def send(
    channels: Sequence[Notifier], message: Message, seconds: float, background: Background, clock: Clock
) -> Delivery:
    """Begin to send; comes back at once. What is not done after so many seconds is given up."""
    until = clock.now() + seconds
    tries = [_Tries(channel, message, seconds, until, clock) for channel in channels]
    pending = tuple((one.channel.name, background.begin(one.made)) for one in tries)
    return Delivery(clock, until, seconds, pending)


def send_once(
    channel: Notifier, message: Message, seconds: float, background: Background, clock: Clock
) -> Delivery:
    """Begin the only try, which has all the time: for whoever tries again later."""
    until = clock.now() + seconds

    def made() -> Report:
        return _report(channel.name, lambda: channel.send(message, seconds))

    return Delivery(clock, until, seconds, ((channel.name, background.begin(made)),))


def _report(name: str, act: Callable[[], None]) -> Report:
    """What came of it; never raises."""
    try:
        act()
    except RolloutError as error:
        return Report(name, error.message, isinstance(error, MaybeDelivered))
    except Exception as error:  # a library's; its words might repeat an address
        return Report(name, f"something unforeseen happened: {type(error).__name__}")
    return Report(name)


@dataclass(frozen=True)
class _Tries:
    channel: Notifier
    message: Message
    seconds: float
    until: float
    clock: Clock

    def made(self) -> Report:
        """What came of all of them; never raises."""
        return _report(self.channel.name, lambda: self._retrying()(self._once))

    def _once(self) -> None:
        """One try takes half of the time at most, so that one that hangs is not the only one."""
        left = self.until - self.clock.now()
        self.channel.send(self.message, max(0.1, min(left, self.seconds / 2)))

    def _retrying(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception_type(NotDelivered),
            wait=wait_exponential(multiplier=0.25, max=2),
            stop=self._too_late,
            sleep=self.clock.sleep,
            reraise=True,
        )

    def _too_late(self, state: RetryCallState) -> bool:
        return self.clock.now() + state.upcoming_sleep >= self.until
