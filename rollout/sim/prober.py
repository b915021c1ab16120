"""A user's request in the simulation."""

from __future__ import annotations

import itertools
from urllib.parse import urlsplit

from rollout.model import HttpProbe, ProbeResult
from rollout.sim.clock import SimClock
from rollout.sim.memory import Memory
from rollout.sim.traffic import REFUSED, Answer, Traffic


class SimProber:
    """The port ``Prober``. A URL's host names the service, by its name or as ``routes`` says."""

    def __init__(self, memory: Memory, traffic: Traffic) -> None:
        self.routes: dict[str, str] = {}
        self._memory = memory
        self._traffic = traffic
        self._clock: SimClock = memory.clock
        self._turns = itertools.count()

    def ask(self, probe: HttpProbe) -> ProbeResult:
        """Ask the next task in turn, which takes its time."""
        answers = self._traffic.answers(self._service_id(probe.url))
        answer = answers[next(self._turns) % len(answers)] if answers else REFUSED
        self._clock.sleep(min(answer.seconds, probe.timeout))
        if answer.seconds > probe.timeout:
            return ProbeResult(False, probe.timeout, None, f"no answer within {probe.timeout:g}s")
        return _judged(answer, probe)

    def _service_id(self, url: str) -> str:
        host = urlsplit(url).hostname or ""
        name = self.routes.get(host, host)
        services = list(self._memory.services.values())
        named = [service.id for service in services if service.name == name]
        only = [service.id for service in services] if len(services) == 1 else []
        return next(iter(named or only), "")

    def ask_together(self, probe: HttpProbe, requests: int) -> tuple[ProbeResult, ...]:
        """Ask so many tasks in turn; that they would overlap is not simulated."""
        return tuple(self.ask(probe) for _ in range(requests))


def _judged(answer: Answer, probe: HttpProbe) -> ProbeResult:
    expected = probe.expect_status
    ok = answer.good if expected is None else answer.status == expected
    error = "" if ok else answer.error or f"status {answer.status}"
    return ProbeResult(ok, answer.seconds, answer.status, error)
