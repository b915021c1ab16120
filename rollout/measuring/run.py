"""What every gate at work has in common."""

from __future__ import annotations

from typing import Protocol

from rollout.events import GateProgress
from rollout.model import Judgement
from rollout.watching import View


class Run(Protocol):
    """One gate during one step."""

    @property
    def name(self) -> str:
        """The gate as a person knows it."""
        ...

    @property
    def heard(self) -> float | None:
        """When it last measured something that says anything, in seconds on the clock; None for never."""
        ...

    @property
    def pace(self) -> float:
        """Seconds from one reading to the end of the next, at the longest."""
        ...

    @property
    def blames_the_way(self) -> bool:
        """Whether all that is wrong is of the kind that a lost node causes as well as a bad release."""
        ...

    def measure(self, view: View) -> None:
        """One round of measuring, if one is due; returns within about a second."""
        ...

    def watch_on(self, view: View) -> None:
        """One calm measurement, while nothing is being released."""
        ...

    def judge(self) -> Judgement:
        """What the measurements so far say."""
        ...

    def forget(self) -> None:
        """Begin anew: what was measured had another reason than the release."""
        ...

    def progress(self, at: float) -> GateProgress:
        """How far it is, ``at`` seconds after the deployment's start."""
        ...
