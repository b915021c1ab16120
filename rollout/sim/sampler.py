"""The port ``Sampler`` on virtual time: asks between everything else, and holds nobody up."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from rollout.impact import sample_of
from rollout.model import HttpProbe, Sample
from rollout.sim.clock import SimClock, Timer
from rollout.sim.prober import SimProber


class SimSampler:
    """Samples the simulated traffic; an answer is known as soon as it is asked for."""

    def __init__(self, clock: SimClock, prober: SimProber) -> None:
        self._clock = clock
        self._prober = prober

    def start(self, probes: Sequence[HttpProbe], rate: float, since: float) -> SimSampling:
        """Ask the probes in turn, ``rate`` requests a second in all; none at a rate of 0."""
        sampling = SimSampling(self._clock, self._prober, tuple(probes), rate, since)
        if probes and rate > 0:
            sampling.ask()
        return sampling


class SimSampling:
    """Requests that go on while the clock does."""

    def __init__(
        self, clock: SimClock, prober: SimProber, probes: tuple[HttpProbe, ...], rate: float, since: float
    ) -> None:
        self._clock = clock
        self._prober = prober
        self._probes = probes
        self._rate = rate
        self._since = since
        self._turns = itertools.count()
        self._samples: list[Sample] = []
        self._timer: Timer | None = None

    def ask(self) -> None:
        """Ask now, and again when it is time."""
        turn = next(self._turns)
        probe = self._probes[turn % len(self._probes)]
        result = self._prober.answer(probe, turn // len(self._probes))
        self._samples.append(sample_of(self._clock.now() - self._since, probe, result))
        self._timer = self._clock.call_later(1 / self._rate, self.ask)

    def samples(self) -> tuple[Sample, ...]:
        """The answers so far, oldest first."""
        return tuple(self._samples)

    def stop(self) -> None:
        """Ask no more."""
        if self._timer is not None:
            self._timer.cancel()
