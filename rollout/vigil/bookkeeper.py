"""Keeps in the Swarm what the next life of the watcher has to know, whenever it changes."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

from rollout.errors import RolloutError
from rollout.ports import Clock
from rollout.state.alertbook import Superseded
from rollout.vigil import keeping
from rollout.vigil.alerts import Manner
from rollout.vigil.keeping import Moment, Page


class Book(Protocol):
    """Where pages are kept."""

    def read(self) -> bytes:
        """The last page; empty where there is none."""
        ...

    def write(self, data: bytes) -> None:
        """Write the next page. Raises Superseded."""
        ...


class Blank:
    """The book of one who has nothing to tell: an onlooker leaves no trace."""

    def read(self) -> bytes:
        """Nothing."""
        return b""

    def write(self, data: bytes) -> None:
        """Let it be."""


class Kept(StrEnum):
    """What became of a page."""

    YES = "yes"
    LATER = "later"
    SUPERSEDED = "superseded"
    """Another watcher has written: it is not for us to tell."""


class Bookkeeper:
    """``complain`` hears once that nothing can be kept, until something can."""

    def __init__(self, book: Book, clock: Clock, complain: Callable[[str], None]) -> None:
        self._book = book
        self._clock = clock
        self._complain = complain
        self._worth: tuple[object, ...] | None = None
        self._failed = False

    @property
    def begun(self) -> bool:
        """Whether the book is open: what is in it has been read, and it is ours to write."""
        return self._worth is not None

    def open(self, manner: Manner) -> Page:
        """What the life before has kept. Raises what the store raises."""
        page = keeping.read(self._book.read(), self._moment(), manner)
        self._worth = page.worth
        return page

    def close(self) -> None:
        """Another one writes from here on."""
        self._worth = None

    def due(self, page: Page) -> bool:
        """Whether it differs from what is kept, and can be kept as far as is known."""
        return self.begun and not self._failed and page.worth != self._worth

    def keep(self, page: Page) -> Kept:
        """Write it where it has changed."""
        if page.worth == self._worth:
            self._failed = False
            return Kept.YES
        try:
            self._book.write(keeping.written(page, self._moment()))
        except Superseded:
            self.close()
            return Kept.SUPERSEDED
        except RolloutError as error:
            self._fail(error)
            return Kept.LATER
        self._worth, self._failed = page.worth, False
        return Kept.YES

    def _fail(self, error: RolloutError) -> None:
        if not self._failed:
            self._complain(f"the open alerts could not be kept: {error.message}")
        self._failed = True

    def _moment(self) -> Moment:
        return Moment(self._clock.now(), self._clock.wall())
