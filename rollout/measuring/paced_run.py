"""Gates that are read again and again, at a pace of their own: tcp, exec, prometheus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from rollout.events import GateProgress
from rollout.gates import streak
from rollout.gates.streak import Patience
from rollout.model import Judgement, Verdict
from rollout.ports import Background, Clock, Pending
from rollout.watching import View

M = TypeVar("M")


class Paced(Patience, Protocol):
    """What such a gate says of its pace."""

    @property
    def every(self) -> float:
        """Seconds from one reading to the next."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds that a reading may take."""
        ...


@dataclass(frozen=True)
class Reading(Generic[M]):
    """``take`` measures once, which may take long; ``read`` says what that means, given earlier readings."""

    take: Callable[[], M]
    read: Callable[[M, tuple[Judgement, ...]], Judgement]


@dataclass
class PacedRun(Generic[M]):
    """One such gate at work; it measures in the background."""

    name: str
    gate: Paced
    reading: Reading[M]
    background: Background
    clock: Clock
    heard: float | None = None
    blames_the_way: bool = False
    begun: float | None = None
    readings: list[Judgement] = field(default_factory=list)
    pending: Pending[M] | None = None
    past: tuple[Judgement, ...] = ()
    stale: bool = False

    @property
    def pace(self) -> float:
        """Seconds from one reading to the end of the next, at the longest."""
        return self.gate.every + self.gate.timeout

    def measure(self, view: View) -> None:
        """Take in a reading that is done, and begin the next one when it is due."""
        self._receive()
        if self.pending is None and (self.begun is None or view.at - self.begun >= self.gate.every):
            self.begun = view.at
            self.pending = self.background.begin(self.reading.take)

    def watch_on(self, view: View) -> None:
        """Go on at the same pace."""
        self.measure(view)

    def judge(self) -> Judgement:
        """What the readings so far say."""
        return streak.judge(self.readings, self.gate)

    def forget(self) -> None:
        """Begin anew, remembering no more than that it once was well."""
        well = [reading for reading in (*self.past, *self.readings) if reading.verdict == Verdict.PASS]
        self.past = tuple(well[-1:])
        self.readings.clear()
        self.begun = self.heard = None
        self.stale = self.pending is not None

    def progress(self, at: float) -> GateProgress:
        """How far it is."""
        verdicts = [reading.verdict for reading in self.readings]
        passed, failed = verdicts.count(Verdict.PASS), verdicts.count(Verdict.FAIL)
        return GateProgress(at, self.name, passed, failed, self.gate.successes)

    def _receive(self) -> None:
        measured = self.pending.result() if self.pending else None
        if measured is None:
            return
        self.pending = None
        if self.stale:  # begun before everything was forgotten
            self.stale = False
            return
        reading = self.reading.read(measured, (*self.past, *self.readings))
        self.readings.append(reading)
        if reading.verdict != Verdict.INCONCLUSIVE:
            self.heard = self.clock.now()
