"""Where the figures come from: the watcher of now, whichever thread asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rollout.notify.outbox import Lane
from rollout.ports import Clock
from rollout.vigil.picture import Picture


@dataclass(frozen=True)
class Source:
    """``picture`` gives a frozen value; ``every`` is the watcher's pace in seconds."""

    picture: Callable[[], Picture]
    lanes: Callable[[], Sequence[Lane]]
    clock: Clock
    every: float
