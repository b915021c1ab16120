"""The sampler in real time, with answers that are made up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from rollout.clock import SystemClock
from rollout.model import HttpProbe, ProbeResult, Sample
from rollout.sampler import WORKERS, ThreadSampler

PROBE = HttpProbe("http://shop.example/")
OTHER = HttpProbe("http://other.example/")


class Page:
    """A prober that answers after so many seconds, and counts who asks at the same time."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.asking = self.most = 0
        self._lock = threading.Lock()

    def ask(self, _probe: HttpProbe) -> ProbeResult:
        self._count(1)
        time.sleep(self.seconds)
        self._count(-1)
        return ProbeResult(True, self.seconds, 200, version="2")

    def ask_together(self, probe: HttpProbe, requests: int) -> tuple[ProbeResult, ...]:
        return (self.ask(probe),) * requests

    def _count(self, change: int) -> None:
        with self._lock:
            self.asking += change
            self.most = max(self.most, self.asking)


def sampled(page: Page, rate: float, seconds: float, *probes: HttpProbe) -> tuple[Sample, ...]:
    clock = SystemClock()
    sampling = ThreadSampler(page, clock).start(probes or (PROBE,), rate, clock.now())
    time.sleep(seconds)
    sampling.stop()
    return sampling.samples()


def workers() -> int:
    return sum(thread.name.startswith("rollout-sampler") for thread in threading.enumerate())


def until(true: Callable[[], bool]) -> bool:
    for _ in range(40):
        if true():
            return True
        time.sleep(0.05)
    return False


def test_the_rate_is_kept_and_each_sample_has_its_time():
    samples = sampled(Page(), 20.0, 1.0)
    assert 15 <= len(samples) <= 21
    assert [sample.at for sample in samples] == sorted(sample.at for sample in samples)
    assert samples[0].at < 0.2
    assert 0.6 < samples[-1].at < 1.1
    assert samples[0].version == "2"


def test_slow_answers_do_not_slow_down_the_others():
    assert len(sampled(Page(0.5), 10.0, 1.5)) >= 7


def test_where_all_answers_are_very_slow_no_more_than_a_few_wait_at_a_time():
    page = Page(0.4)
    sampled(page, 100.0, 1.0)
    assert page.most == WORKERS


def test_after_a_slow_second_what_was_missed_is_not_asked_at_once():
    class Recovering(Page):
        asked = 0

        def ask(self, probe: HttpProbe) -> ProbeResult:
            self.asked += 1
            self.seconds = 1.0 if self.asked <= WORKERS else 0.0
            return super().ask(probe)

    assert len(sampled(Recovering(), 20.0, 2.0)) <= WORKERS + 22


def test_several_probes_take_turns():
    urls = [sample.url for sample in sampled(Page(), 20.0, 0.6, PROBE, OTHER)]
    assert abs(urls.count(PROBE.url) - urls.count(OTHER.url)) <= 1


@pytest.mark.parametrize(("rate", "probes"), [(0.0, (PROBE,)), (20.0, ())])
def test_without_a_rate_or_a_probe_nothing_is_asked(rate: float, probes: tuple[HttpProbe, ...]):
    clock, before = SystemClock(), workers()
    sampling = ThreadSampler(Page(), clock).start(probes, rate, clock.now())
    assert workers() == before
    sampling.stop()
    assert sampling.samples() == ()


def test_to_stop_takes_no_time_and_ends_the_threads():
    assert until(lambda: workers() == 0)
    clock = SystemClock()
    sampling = ThreadSampler(Page(1.0), clock).start((PROBE,), 1.0, clock.now())
    time.sleep(0.2)
    begun = time.monotonic()
    sampling.stop()
    assert time.monotonic() - begun < 0.1
    assert until(lambda: workers() == 0)
    assert sampling.samples() == ()
