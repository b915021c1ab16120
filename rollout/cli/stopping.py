"""Ctrl-C and SIGTERM for what goes on until then: the first ends it in order, the second at once."""

from __future__ import annotations

import signal
from types import FrameType

from rollout.cli.interrupts import Interrupted


class Stop:
    """Whether somebody wants it to end."""

    def __init__(self) -> None:
        self.wanted = False

    def listen(self) -> None:
        """Take over SIGINT and SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hear)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self.wanted:
            raise Interrupted(number, "stopped at once")
        self.wanted = True
