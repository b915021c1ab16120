"""Who is told of a deployment, and that telling changes nothing about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sim.conftest import Stage

from rollout import deploy
from rollout.errors import ImageNotFound, Locked, NotDelivered, RolloutError
from rollout.events import Finished
from rollout.model import Message, Notify, Occasion, Outcome
from rollout.notify.form import text
from rollout.notify.teller import Teller
from rollout.sim import Behaviour
from rollout.sim.background import AtOnce
from rollout.state import lock
from rollout.state.holder import Holder

ANN = Holder("ann@desk")
EVERYTHING = Notify(on=tuple(Occasion))


@dataclass
class Chat:
    """A channel that keeps what it gets, or fails."""

    name: str = "Chat"
    error: Exception | None = None
    messages: list[Message] = field(default_factory=list)
    heard: Callable[[], None] = lambda: None

    def send(self, message: Message, _seconds: float) -> None:
        self.heard()
        if self.error:
            raise self.error
        self.messages.append(message)

    @property
    def events(self) -> list[str]:
        return [message.event for message in self.messages]


class Never:
    """A background in which nothing comes to an end."""

    def begin(self, _act: Callable[[], Any]) -> Never:
        return self

    def result(self) -> None:
        return None


@pytest.fixture
def chat() -> Chat:
    return Chat()


def teller_of(stage, *channels: Chat, notify: Notify = Notify(), background=None) -> Teller:  # noqa: B008
    return Teller(channels, notify, ANN, background or AtOnce(), stage.swarm.clock)


def deployed(stage, teller: Teller, image: str = "app:2", interrupted=lambda: None, **options) -> Outcome:
    world = replace(stage.world, sink=teller.hearing(stage.log))
    return deploy.deploy(stage.request(image, **options), world, ANN, interrupted)


def test_a_good_release_is_told_once_and_its_start_only_if_wanted(stage, chat):
    stage.serve()
    deployed(stage, teller_of(stage, chat))
    assert chat.events == ["deployed"]


def test_the_start_is_told_before_anything_moves(stage, chat):
    stage.serve()
    versions: list[int] = []
    before = stage.now.version
    chat.heard = lambda: versions.append(stage.now.version)
    deployed(stage, teller_of(stage, chat, notify=EVERYTHING))
    assert chat.events == ["started", "deployed"]
    assert versions[0] == before < versions[1]


def test_nothing_to_do_is_told_only_if_wanted(stage, chat):
    stage.serve()
    deployed(stage, teller_of(stage))
    teller = teller_of(stage, chat)
    deployed(stage, teller)
    assert chat.events == []
    deployed(stage, teller_of(stage, chat, notify=EVERYTHING))
    assert chat.events == ["unchanged"]


def test_a_bad_release_is_told_with_its_cause_its_last_words_and_what_to_do(stage, chat):
    stage.swarm.images["app:2"] = Behaviour(
        crash_after=1.5, exit_code=255, log=("Fatal error: oops", "DB_PASSWORD=hunter2")
    )
    stage.serve()
    outcome = deployed(stage, teller_of(stage, chat), probes=(), min_ready=3.0)
    (message,) = chat.messages
    assert message.event == "rolled_back"
    assert message.title == "rolled back: site runs " + outcome.old_image.short + " again"
    assert f"why: {outcome.cause.sentence}" in text(message)
    assert message.log == ("Fatal error: oops", "DB_PASSWORD=(hidden)")
    assert "rollout status site" in message.next


def test_a_hold_by_ctrl_c_is_told(stage, chat):
    stage.serve()
    asked = iter([None] * 20)
    outcome = deployed(stage, teller_of(stage, chat), interrupted=lambda: next(asked, 2))
    assert outcome.kind == "held"
    assert chat.events == ["held"]


def test_it_is_told_while_the_lock_is_still_held(stage, chat):
    stage.serve()
    locks: list[int] = []
    chat.heard = lambda: locks.append(len(stage.swarm.store.find({"rollout.kind": lock.KIND})))
    deployed(stage, teller_of(stage, chat))
    assert locks == [1]
    assert not stage.swarm.store.find({"rollout.kind": lock.KIND})


def stopped(stage, teller: Teller, error: type[RolloutError], image: str) -> None:
    with pytest.raises(error) as raised:
        deployed(stage, teller, image)
    teller.stopped(raised.value, "site")


def test_a_refusal_is_told(stage, chat):
    stage.serve()
    stopped(stage, teller_of(stage, chat), ImageNotFound, "app:9")
    (message,) = chat.messages
    assert (message.event, message.title) == ("refused", "refused: site was not touched")
    assert "app:9" in text(message)


def test_a_lock_is_told_by_nobody_but_its_holder(stage, chat):
    service = stage.serve()
    locksmith = lock.Locksmith(stage.swarm.store, stage.swarm.clock, lambda _said: None)
    locksmith.acquire(service.id, service.name, Holder("bob@desk"))
    stopped(stage, teller_of(stage, chat), Locked, "app:2")
    assert chat.events == []


TROUBLES = {
    "down": (NotDelivered("connection refused"), AtOnce()),
    "broken": (RuntimeError("unforeseen"), AtOnce()),
    "hanging": (None, Never()),
}


@pytest.mark.parametrize("behaviour", [Behaviour(), Behaviour(status=500)], ids=["good", "bad"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_channel_in_trouble_changes_neither_the_outcome_nor_its_time(trouble: str, behaviour: Behaviour):
    error, background = TROUBLES[trouble]
    quiet, told = Stage(), Stage()
    for stage in (quiet, told):
        stage.swarm.images["app:2"] = behaviour
        stage.serve()
    expected = deployed(quiet, teller_of(quiet))
    assert deployed(told, teller_of(told, Chat(error=error), background=background)) == expected
    assert told.log.of(Finished) == quiet.log.of(Finished)


def test_who_was_missed_is_said_at_the_end_once(stage):
    stage.serve()
    teller = teller_of(
        stage, Chat(error=NotDelivered("connection refused")), Chat("E-Mail"), notify=EVERYTHING
    )
    deployed(stage, teller)
    assert teller.missed() == ("Chat was not told: connection refused",)


def test_a_hanging_channel_is_waited_for_at_the_end_no_longer_than_its_time(stage, chat):
    stage.serve()
    teller = teller_of(stage, chat, background=Never())
    deployed(stage, teller)
    ended = stage.swarm.clock.now()
    assert teller.missed() == ("Chat was not told: no answer within 5s",)
    assert stage.swarm.clock.now() - ended < 5.1


def test_a_mistake_of_ours_while_telling_changes_nothing(stage, chat, monkeypatch):
    def broken(*_: object) -> Message:
        raise KeyError("hunter2")

    monkeypatch.setattr("rollout.notify.compose.Composer.ended", broken)
    stage.serve()
    teller = teller_of(stage, chat)
    assert deployed(stage, teller).kind == "deployed"
    assert teller.missed() == ("nobody was told: something unforeseen happened: KeyError",)
