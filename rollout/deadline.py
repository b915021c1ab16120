"""Waiting with an end, for what brings none of its own: name servers, pages and logs that drip."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, act: Callable[[], T]) -> T | None:
    """What ``act`` gives within so many seconds of real time, or None.

    It runs in a thread of its own. One that is late goes on there unheard, and dies with the program.
    What it raises is heard by nobody either, and gives None.
    """
    given: list[T] = []

    def acting() -> None:
        with suppress(Exception):
            given.append(act())

    thread = Thread(target=acting, daemon=True)
    thread.start()
    thread.join(seconds)
    return given[0] if given else None
