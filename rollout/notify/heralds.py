"""The herald who sends messages: what is told goes into the outbox."""

from __future__ import annotations

from collections.abc import Callable

from rollout.notify.alarms import messages
from rollout.notify.outbox import Outbox
from rollout.vigil.tidings import Tidings


class Messenger:
    """The port ``Herald`` over an outbox; ``complain`` hears who could not be told."""

    def __init__(self, outbox: Outbox, complain: Callable[[str], None]) -> None:
        self._outbox = outbox
        self._complain = complain

    def tell(self, tidings: Tidings) -> None:
        """Compose and queue; a mistake of ours must not end the watch."""
        try:
            for message in messages(tidings):
                self._say(self._outbox.put(message))
        except Exception as error:
            self._complain(f"nobody was told: something unforeseen happened: {type(error).__name__}")
        self.turn()

    def remark(self, sentence: str, *, warning: bool = False) -> None:
        """Not for those who are told of alerts."""

    def turn(self) -> None:
        """Send what is waiting."""
        self._say(self._outbox.turn())

    def _say(self, sentences: tuple[str, ...]) -> None:
        for sentence in sentences:
            self._complain(sentence)
