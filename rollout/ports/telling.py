"""Who is told."""

from __future__ import annotations

from typing import Protocol

from rollout.events import Event
from rollout.model import (
    Message,
)


class Notifier(Protocol):
    """A channel to people or to their programs. ``name`` tells it from others and holds no secret."""

    @property
    def name(self) -> str:
        """How it is called in front of a person."""
        ...

    def send(self, message: Message, seconds: float) -> None:
        """Deliver it within about so many seconds; raises NotDelivered and NotAccepted."""
        ...


class Sink(Protocol):
    """Where events go. Never raises: showing must not break doing."""

    def emit(self, event: Event) -> None:
        """Take one event."""
        ...
