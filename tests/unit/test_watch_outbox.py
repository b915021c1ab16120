"""Messages on their way: in their order, tried again, bounded, and no channel waits for another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sim.watching import Inbox

from rollout.errors import MaybeDelivered, NotDelivered
from rollout.model import Level, Message
from rollout.notify import outbox
from rollout.notify.outbox import Outbox
from rollout.sim.background import AtOnce
from rollout.sim.clock import SimClock


def message(number: int) -> Message:
    return Message("alert", Level.WARNING, f"message {number}", "2026-01-05T09:00:00Z")


@dataclass
class Hanging:
    """A background in which a channel that hangs never comes back; threads are counted."""

    begun: list[Any] = field(default_factory=list)

    def begin(self, act: Callable[[], Any]) -> Hanging:
        self.begun.append(act)
        return self

    def result(self) -> None:
        return None


@pytest.fixture
def clock() -> SimClock:
    return SimClock()


def pass_time(box: Outbox, clock: SimClock, seconds: float) -> list[str]:
    said: list[str] = []
    end = clock.now() + seconds
    while clock.now() < end:
        said += box.turn()
        clock.sleep(1.0)
    return said


def test_messages_arrive_in_their_order(clock: SimClock):
    inbox = Inbox()
    box = Outbox([inbox], AtOnce(), clock)
    for number in range(5):
        box.put(message(number))
    pass_time(box, clock, 10)
    assert [one.title for one in inbox.messages] == [f"message {number}" for number in range(5)]
    assert not box.busy


def test_a_channel_that_is_down_for_a_while_gets_everything_later_and_it_is_said_once(clock: SimClock):
    inbox = Inbox(error=NotDelivered("it answers HTTP 500"))
    box = Outbox([inbox], AtOnce(), clock)
    box.put(message(1))
    box.put(message(2))
    said = pass_time(box, clock, 120)
    assert said == ["Chat was not told yet: it answers HTTP 500"]
    inbox.error = None
    pass_time(box, clock, 120)
    assert [one.title for one in inbox.messages] == ["message 1", "message 2"]


def test_who_is_away_for_hours_is_asked_ever_less_often_and_gets_it_in_the_end(clock: SimClock):
    asked: list[float] = []

    class Away:
        name = "Chat"

        def send(self, _message: Message, _seconds: float) -> None:
            asked.append(clock.now())
            if clock.now() < 3 * 3600.0:
                raise NotDelivered("it is away")

    box = Outbox([Away()], AtOnce(), clock)
    box.put(message(1))
    pass_time(box, clock, 4 * 3600.0)
    assert not box.busy
    assert len(asked) < 60
    assert box.lanes[0].delivered == 1


def test_one_that_takes_messages_and_answers_too_late_gets_few_copies(clock: SimClock):
    got: list[float] = []

    class Late:
        name = "Mail"

        def send(self, _message: Message, seconds: float) -> None:
            got.append(clock.now())
            clock.sleep(seconds)
            raise MaybeDelivered("no answer within 15s")

    box = Outbox([Late()], AtOnce(), clock)
    box.put(message(1))
    said = pass_time(box, clock, 24 * 3600.0)
    assert len(got) == 3
    assert said[-1] == "Mail was not told: no answer within 15s"


def test_a_try_has_all_its_time(clock: SimClock):
    given: list[float] = []

    class Slow:
        name = "Mail"

        def send(self, _message: Message, seconds: float) -> None:
            given.append(seconds)

    box = Outbox([Slow()], AtOnce(), clock)
    box.put(message(1))
    pass_time(box, clock, 10.0)
    assert given == [outbox.TRY]


def test_a_message_that_nobody_takes_is_given_up_after_a_day(clock: SimClock):
    box = Outbox([Inbox(error=NotDelivered("it is away"))], AtOnce(), clock)
    box.put(message(1))
    said = pass_time(box, clock, outbox.PATIENCE + outbox.LONGEST_PAUSE + 10)
    assert said[-1] == "Chat was not told: it is away"
    assert not box.busy
    assert box.lanes[0].failed == 1


def test_the_queue_is_bounded_and_says_so(clock: SimClock):
    box = Outbox([Inbox()], Hanging(), clock)
    said = [sentence for number in range(outbox.MOST + 5) for sentence in box.put(message(number))]
    assert len(said) == 5
    assert "Chat is not told" in said[0]
    assert box.lanes[0].dropped == 5


def test_a_channel_that_hangs_for_ever_costs_a_bounded_number_of_threads(clock: SimClock):
    background = Hanging()
    box = Outbox([Inbox()], background, clock)
    for number in range(20):
        box.put(message(number))
    pass_time(box, clock, 3600)
    assert len(background.begun) == outbox.HANGING


def test_what_is_under_way_at_the_end_is_waited_for_for_a_bounded_time(clock: SimClock):
    box = Outbox([Inbox()], Hanging(), clock)
    box.put(message(1))
    box.flush(8.0)
    assert clock.now() == pytest.approx(8.0, abs=0.1)
