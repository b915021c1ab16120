"""One message by many channels: side by side, tried again, never beyond its time. On a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rollout.errors import NotAccepted, NotDelivered
from rollout.model import Level, Message
from rollout.notify.delivery import Report, send
from rollout.notify.reporting import reports_json, reports_lines
from rollout.render.text import text_of
from rollout.sim import SimClock
from rollout.sim.background import AtOnce

MESSAGE = Message("test", Level.INFO, "title", "now")


@dataclass
class Channel:
    """Answers by a script, the last word of it for ever."""

    name: str
    script: list[Exception | None]
    clock: SimClock
    takes: float = 0.0
    tried: list[float] = field(default_factory=list)
    allowed: list[float] = field(default_factory=list)

    def send(self, message: Message, seconds: float) -> None:
        assert message is MESSAGE
        self.tried.append(self.clock.now())
        self.allowed.append(seconds)
        self.clock.sleep(min(self.takes, seconds))
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if answer:
            raise answer


class Never:
    """A background in which nothing ever comes to an end."""

    def begin(self, _act: Callable[[], Any]) -> Never:
        return self

    def result(self) -> None:
        return None


def sent(channel: Channel, seconds: float = 5.0) -> tuple[Report, ...]:
    return send((channel,), MESSAGE, seconds, AtOnce(), channel.clock).reports()


def test_a_channel_that_takes_it_is_asked_once():
    channel = Channel("Slack", [None], SimClock())
    assert sent(channel) == (Report("Slack"),)
    assert channel.tried == [0.0]


def test_a_channel_that_stumbles_is_asked_again():
    channel = Channel("Slack", [NotDelivered("HTTP 503"), NotDelivered("HTTP 503"), None], SimClock())
    assert sent(channel) == (Report("Slack"),)
    assert len(channel.tried) == 3


def test_a_channel_that_says_no_is_not_pestered():
    channel = Channel("Slack", [NotAccepted("it answers HTTP 404")], SimClock())
    assert sent(channel) == (Report("Slack", "it answers HTTP 404"),)
    assert len(channel.tried) == 1


def test_a_channel_that_is_down_is_given_up_in_time():
    channel = Channel("Slack", [NotDelivered("connection refused")], SimClock())
    assert sent(channel) == (Report("Slack", "connection refused"),)
    assert len(channel.tried) > 2
    assert channel.clock.now() < 5.0


def test_a_channel_that_hangs_gets_a_second_chance_within_the_time():
    channel = Channel("Slack", [NotDelivered("no answer within 2.5s")], SimClock(), takes=60.0)
    assert sent(channel) == (Report("Slack", "no answer within 2.5s"),)
    assert channel.allowed[0] == 2.5
    assert len(channel.tried) == 2
    assert channel.clock.now() <= 5.0 + 1e-9


def test_a_library_that_never_comes_back_is_left_behind_when_the_time_is_over():
    clock = SimClock()
    delivery = send((Channel("Slack", [None], clock),), MESSAGE, 5.0, Never(), clock)
    assert clock.now() == 0.0
    assert delivery.reports() == (Report("Slack", "no answer within 5s", doubtful=True),)
    assert 5.0 <= clock.now() < 5.1


def test_a_mistake_in_a_library_is_reported_without_its_words():
    channel = Channel("Slack", [RuntimeError("https://hunter2@hooks.example.org")], SimClock())
    (report,) = sent(channel)
    assert report == Report("Slack", "something unforeseen happened: RuntimeError")


def test_one_channel_does_not_stop_another():
    clock = SimClock()
    channels = (Channel("Slack", [NotAccepted("no")], clock), Channel("E-Mail", [None], clock))
    reports = send(channels, MESSAGE, 5.0, AtOnce(), clock).reports()
    assert reports == (Report("Slack", "no"), Report("E-Mail"))


def test_what_came_of_a_test_is_told_to_people_and_programs():
    reports = (Report("Slack"), Report("E-Mail", "login refused"))
    assert [text_of(line) for line in reports_lines(reports)] == [
        "✓ Slack: delivered",
        "✗ E-Mail: not delivered: login refused",
    ]
    assert reports_json(reports) == {
        "event": "notify_test",
        "channels": [
            {"channel": "Slack", "delivered": True, "error": ""},
            {"channel": "E-Mail", "delivered": False, "error": "login refused"},
        ],
    }
