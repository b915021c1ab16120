"""Ctrl-C and SIGTERM: at once while nothing is touched; later a hold, and the second time at once."""

from __future__ import annotations

import signal
from types import FrameType

from rollout.hints import ways_on


class Interrupted(BaseException):
    """A signal came before anything was touched, or came twice: no handler of errors may stop it."""

    def __init__(self, number: int, sentence: str) -> None:
        super().__init__(sentence)
        self.exit_code = 128 + number


class Interrupts:
    """Hears the signals. From the first time that it is asked, a deployment is under way."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.number: int | None = None
        self.under_way = False

    def listen(self) -> None:
        """Take over SIGINT and SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def pending(self) -> int | None:
        """The signal that asks the deployment to hold, if one has come."""
        self.under_way = True
        return self.number

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self.number is not None:
            left = "stopped at once; the service stands as the last write left it"
            raise Interrupted(number, f"{left}; {ways_on(self.service)}")
        if not self.under_way:
            raise Interrupted(number, "stopped; nothing has been changed")
        self.number = number
