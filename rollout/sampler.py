"""The port ``Sampler``: keeps asking in the background, so that the outcome can say what users met."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from threading import Event, Lock, Thread

from rollout.impact import sample_of
from rollout.model import HttpProbe, Sample
from rollout.ports import Clock, Prober

WORKERS = 8
"""Requests at the same time at most: so many slow answers can be awaited without a delay of the others."""


class ThreadSampler:
    """Samples from daemon threads, which end with the program whatever they wait for."""

    def __init__(self, prober: Prober, clock: Clock) -> None:
        self._prober = prober
        self._clock = clock

    def start(self, probes: Sequence[HttpProbe], rate: float, since: float) -> ThreadSampling:
        """Ask the probes in turn, ``rate`` requests a second in all; none at a rate of 0.

        ``since`` is a time of the clock: 0 on that of the samples.
        """
        sampling = ThreadSampling(self._prober, self._clock, tuple(probes), rate, since)
        if probes and rate > 0:
            sampling.begin()
        return sampling


class ThreadSampling:
    """Requests that go on. Each has its time; one that nobody was free for is left out, not made up for."""

    def __init__(
        self, prober: Prober, clock: Clock, probes: tuple[HttpProbe, ...], rate: float, since: float
    ) -> None:
        self._prober = prober
        self._clock = clock
        self._probes = probes
        self._rate = rate
        self._since = since
        self._began = clock.now()
        self._next = 0
        self._asked = 0
        self._samples: list[Sample] = []
        self._lock = Lock()
        self._stopped = Event()

    def begin(self) -> None:
        """Let the workers begin."""
        for number in range(WORKERS):
            Thread(target=self._work, name=f"rollout-sampler-{number}", daemon=True).start()

    def samples(self) -> tuple[Sample, ...]:
        """The answers so far, by the time at which they were asked for."""
        with self._lock:
            return tuple(sorted(self._samples, key=lambda sample: sample.at))

    def stop(self) -> None:
        """Ask no more; what is still under way is not waited for and not counted."""
        self._stopped.set()

    def _work(self) -> None:
        while not self._stopped.wait(self._until_next()):
            self._ask(self._turn())

    def _until_next(self) -> float:
        """Seconds until the request that this worker takes on."""
        with self._lock:
            passed = floor((self._clock.now() - self._began) * self._rate)
            due = self._began + max(self._next, passed) / self._rate
            self._next = max(self._next, passed) + 1
        return max(0.0, due - self._clock.now())

    def _turn(self) -> HttpProbe:
        with self._lock:
            self._asked += 1
            return self._probes[self._asked % len(self._probes)]

    def _ask(self, probe: HttpProbe) -> None:
        at = self._clock.now() - self._since
        sample = sample_of(at, probe, self._prober.ask(probe))
        with self._lock:
            if not self._stopped.is_set():
                self._samples.append(sample)
