"""The post of one who tells nobody: whoever only looks must not stand in the way of one who tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rollout.state.holder import Holder


class Post(Protocol):
    """The post of the one watcher who tells; ``holder`` is this one. It may raise what the ports raise."""

    @property
    def holder(self) -> Holder:
        """Who looks."""
        ...

    def hold(self) -> bool:
        """Whether it is for us to look."""
        ...

    def leave(self) -> None:
        """Give it back."""
        ...

    def holder_name(self) -> str:
        """Who has it; empty for nobody."""
        ...


@dataclass(frozen=True)
class Unposted:
    """There may be any number of them."""

    holder: Holder

    def hold(self) -> bool:
        """Always."""
        return True

    def leave(self) -> None:
        """There is nothing to give back."""

    def holder_name(self) -> str:
        """Nobody needs to know."""
        return ""
