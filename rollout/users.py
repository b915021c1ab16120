"""What users meet meanwhile: a prober in the background asks at a low rate, from before the first release."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.events import Measured
from rollout.impact import summarize
from rollout.model import Impact, Plan
from rollout.ports import Sampling
from rollout.watching import Watch

TOLD_EVERY = 1.0
"""Seconds between two reports to the sink, in the first minutes."""
AT_ONCE = 1000
"""Answers summed up a second: when a canary has stood for hours, a report is made less often."""


@dataclass
class Users:
    """Stands for them. Times are in seconds since the deployment's start."""

    watch: Watch
    sampling: Sampling | None
    first_release: float | None = None
    all_settled: float | None = None
    due: float = TOLD_EVERY

    @classmethod
    def of(cls, plan: Plan, watch: Watch) -> Users:
        """Begin to ask, if there is anything to ask for."""
        options = plan.options
        if not options.probes or options.impact_rate <= 0:
            return cls(watch, None)
        users = cls(watch, watch.world.sampler.start(options.probes, options.impact_rate, watch.started))
        watch.pulse = users.tell
        return users

    def released(self) -> None:
        """Replicas are being replaced from now on."""
        if self.first_release is None:
            self.first_release = self.watch.elapsed()

    def settled(self) -> None:
        """Every replica runs what it is meant to run: what comes now is the time after."""
        self.all_settled = self.watch.elapsed()

    def tell(self) -> None:
        """Say what they have met so far, now and then."""
        now = self.watch.elapsed()
        if now >= self.due and (impact := self.impact()):
            self.due = now + max(TOLD_EVERY, impact.asked / AT_ONCE)
            self.watch.tell(Measured(now, impact))

    def leave(self) -> Impact | None:
        """Ask no more, and say what they have met in all."""
        if self.sampling is None:
            return None
        self.sampling.stop()
        return self.impact()

    def impact(self) -> Impact | None:
        """What they have met so far; None where nobody is asked for."""
        if self.sampling is None:
            return None
        return summarize(self.sampling.samples(), self.first_release, self.all_settled)
