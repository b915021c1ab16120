"""What there is to tell after one look, and to whom it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from rollout.model import News


@dataclass(frozen=True)
class Tidings:
    """News with the time of day. ``logs`` are the last words of tasks, by the key of their alert."""

    news: tuple[News, ...]
    at: datetime
    logs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Herald(Protocol):
    """Whoever hears of alerts. None of it raises, and none of it waits."""

    def tell(self, tidings: Tidings) -> None:
        """Pass them on, later if need be."""
        ...

    def remark(self, sentence: str, *, warning: bool = False) -> None:
        """Something about the watcher itself, for whoever looks at its output."""
        ...

    def turn(self) -> None:
        """Go on with what is under way."""
        ...
