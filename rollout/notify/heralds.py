"""The courier of the watcher: what is told goes into the outbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rollout.model import Message
from rollout.notify.alarms import messages
from rollout.notify.outbox import Outbox
from rollout.vigil.tidings import Owed, Tidings


class Messenger:
    """The port ``Courier`` over an outbox; ``complain`` hears who could not be told."""

    def __init__(self, outbox: Outbox, complain: Callable[[str], None]) -> None:
        self._outbox = outbox
        self._complain = complain

    def take(self, tidings: Tidings) -> None:
        """Compose and queue; a mistake of ours must not end the watch."""
        try:
            for message in messages(tidings):
                self.take_message(message)
        except Exception as error:
            self._complain(f"nobody was told: something unforeseen happened: {type(error).__name__}")

    def take_message(self, message: Message) -> None:
        """Queue it."""
        self._say(self._outbox.put(message))

    def turn(self) -> None:
        """Send what is waiting."""
        self._say(self._outbox.turn())

    def owed(self) -> tuple[Owed, ...]:
        """What has not been taken yet."""
        return self._outbox.owed()

    def take_up(self, owed: Sequence[Owed]) -> None:
        """Send what an earlier life could not."""
        self._outbox.take_up(owed)

    def forget(self) -> None:
        """Leave what is waiting to another watcher."""
        self._outbox.forget()

    def _say(self, sentences: tuple[str, ...]) -> None:
        for sentence in sentences:
            self._complain(sentence)
