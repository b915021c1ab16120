"""Hears what people say to a deployment from elsewhere: go on, or stand still."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from rollout.errors import RolloutError
from rollout.ports import Clock, World
from rollout.state.halt import Halts
from rollout.state.promotion import Promotions, Word

EVERY = 0.75
"""Seconds between two looks: whoever asks for a hold is heard within a second."""


@dataclass
class Pace:
    """Lets something be done once in a while."""

    clock: Clock
    last: float = float("-inf")

    def due(self) -> bool:
        """Whether it is time again; then the time begins anew."""
        now = self.clock.now()
        due = now - self.last >= EVERY
        self.last = now if due else self.last
        return due


@dataclass
class Ear:
    """Hears whether to go on. ``fully`` is for good: nobody has to be asked again.

    A word that comes before it is waited for counts for the next pause or manual gate: who gave it was told
    so. Only what was said to an earlier deployment is forgotten (``Ears.clear``).
    """

    promotions: Promotions
    pace: Pace
    fully: bool = False

    def hears(self) -> bool:
        """Whether somebody says that it may go on."""
        return self.fully or (self.pace.due() and self._take())

    def _take(self) -> bool:
        word = self.promotions.take()
        self.fully = self.fully or word is Word.FULLY
        return word is not None


@dataclass
class HaltEar:
    """Hears whether it shall stand still."""

    halts: Halts
    pace: Pace

    def hears(self) -> str:
        """Who wants it; empty for nobody."""
        return self.halts.take() if self.pace.due() else ""


@dataclass(frozen=True)
class Ears:
    """Both, for one deployment."""

    on: Ear
    halt: HaltEar

    def clear(self) -> None:
        """Forget what was said to an earlier deployment."""
        self.on.promotions.clear()
        self.halt.halts.clear()

    def close(self) -> None:
        """Leave nothing behind that came too late; that it stays there changes nothing."""
        with suppress(RolloutError):
            self.on.promotions.take()
            self.halt.halts.take()


def ears(world: World, service_id: str, lock_id: str) -> Ears:
    """The ears of a deployment of that service, under that lock."""
    on = Ear(Promotions(world.store, service_id, lock_id), Pace(world.clock))
    return Ears(on, HaltEar(Halts(world.store, service_id, lock_id), Pace(world.clock)))
