"""The port ``Background``: what would take too long to wait for is done in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Pending(Generic[T]):
    """Something that a thread is doing."""

    def __init__(self, act: Callable[[], T]) -> None:
        self._given: list[T] = []
        Thread(target=lambda: self._given.append(act()), daemon=True).start()

    def result(self) -> T | None:
        """What came of it; None as long as it is not done."""
        return self._given[0] if self._given else None


class Threads:
    """Begins a thread each; they die with the program."""

    def begin(self, act: Callable[[], T]) -> Pending[T]:
        """Begin it. ``act`` must not raise: nobody would hear it."""
        return Pending(act)
