"""The pauses of a plan: it stands still with all gates watching, until it is time or somebody promotes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rollout.events import HoldEnded, HoldStarted
from rollout.gates.health import Expectation
from rollout.listening import Ear
from rollout.model import Hold, Watched
from rollout.proving import Proving
from rollout.watching import View, Watch


@dataclass
class Pausing:
    """Stands still between two steps. Raises as the proving does: the gates go on judging."""

    watch: Watch
    proving: Proving
    ear: Ear
    remember: Callable[[Watched], None]

    def pause(self, hold: Hold, wish: Expectation) -> None:
        """Stand still for as long as the hold says, and remember that this pause is over."""
        self._stand_still(hold, wish)
        self.remember(Watched(wish.upto, wish.slots))

    def _stand_still(self, hold: Hold, wish: Expectation) -> None:
        """Not at all once everything has been promoted."""
        if self.ear.fully:
            return
        moment = Moment(self.watch, self.ear, hold, self.watch.world.clock.now(), self.watch.paused)
        self.watch.tell(HoldStarted(self.watch.elapsed(), hold.seconds))
        self.proving.watch_until(moment.over, wish)
        self.watch.tell(HoldEnded(self.watch.elapsed(), moment.promoted))


@dataclass
class Moment:
    """One pause; what it takes is no work, so that the deadline does not count it."""

    watch: Watch
    ear: Ear
    hold: Hold
    begun: float
    paused_before: float
    promoted: bool = False

    def over(self, view: View) -> bool:
        """Whether it is time to go on."""
        passed = view.at - self.begun
        self.watch.paused = self.paused_before + passed
        self.promoted = self.promoted or self.ear.hears()
        return self.promoted or (self.hold.seconds is not None and passed >= self.hold.seconds)
