"""What there is to tell after one look, and to whom it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from rollout.model import Message, News, NewsKind


@dataclass(frozen=True)
class Tidings:
    """News with the time of day. ``logs`` are the last words of tasks, by the key of their alert; of
    the kinds in ``crowded`` many were told just before, so that these are told together.
    """

    news: tuple[News, ...]
    at: datetime
    logs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    crowded: frozenset[NewsKind] = frozenset()


@dataclass(frozen=True)
class Owed:
    """A message that these channels have not taken yet."""

    message: Message
    channels: tuple[str, ...]


class Herald(Protocol):
    """Whoever looks at the watcher's own output. None of it raises, and none of it waits."""

    def tell(self, tidings: Tidings) -> None:
        """Show them."""
        ...

    def remark(self, sentence: str, *, warning: bool = False) -> None:
        """Something about the watcher itself."""
        ...


class Courier(Protocol):
    """Messages to those who are told. None of it raises, and none of it waits."""

    def take(self, tidings: Tidings) -> None:
        """Compose messages, to be sent from the next turn on."""
        ...

    def take_message(self, message: Message) -> None:
        """One that is composed already."""
        ...

    def turn(self) -> None:
        """Go on with what is under way."""
        ...

    def owed(self) -> tuple[Owed, ...]:
        """What has not been taken yet: it is to be kept for the next life."""
        ...

    def take_up(self, owed: Sequence[Owed]) -> None:
        """Send what an earlier life could not."""
        ...

    def forget(self) -> None:
        """Leave what is waiting to another watcher."""
        ...
