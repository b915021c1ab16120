"""A user's request in the simulation."""

from __future__ import annotations

import itertools
from urllib.parse import urlsplit

from rollout.model import HttpProbe, ProbeResult
from rollout.sim.clock import SimClock
from rollout.sim.memory import Memory
from rollout.sim.traffic import REFUSED, Answer, Traffic


class SimProber:
    """The port ``Prober``. A URL's host names the service, by its name or as ``routes`` says.

    Hosts in ``lost_names`` do not resolve.
    """

    def __init__(self, memory: Memory, traffic: Traffic) -> None:
        self.routes: dict[str, str] = {}
        self.lost_names: set[str] = set()
        self._memory = memory
        self._traffic = traffic
        self._clock: SimClock = memory.clock
        self._turns = itertools.count()

    def ask(self, probe: HttpProbe) -> ProbeResult:
        """Ask the next task in turn, which takes its time."""
        result = self.answer(probe, next(self._turns))
        self._clock.sleep(result.seconds)
        return result

    def answer(self, probe: HttpProbe, turn: int) -> ProbeResult:
        """What the task whose turn it is would answer now; no time passes."""
        if urlsplit(probe.url).hostname in self.lost_names:
            return ProbeResult(False, error="name does not resolve", reached=False, resolved=False)
        answers = self._traffic.answers(self._service_id(probe.url))
        answer = answers[turn % len(answers)] if answers else REFUSED
        if answer.seconds > probe.timeout:
            late = f"no answer within {probe.timeout:g}s"
            return ProbeResult(False, probe.timeout, None, late, answer.reached)
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
    version = answer.version if probe.version_header else ""
    return ProbeResult(ok, answer.seconds, answer.status, error, answer.reached, version=version)
