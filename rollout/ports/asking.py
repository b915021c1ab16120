"""Who asks as a user would, and who measures what is not a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from rollout.model import (
    ExecGate,
    HttpProbe,
    ProbeResult,
    PrometheusGate,
    Queried,
    Ran,
    Sample,
    TcpGate,
)


class Prober(Protocol):
    """Asks as a user would."""

    def ask(self, probe: HttpProbe) -> ProbeResult:
        """One request over a new connection; never raises."""
        ...

    def ask_together(self, probe: HttpProbe, requests: int) -> tuple[ProbeResult, ...]:
        """So many requests at the same time, each over a new connection; never raises."""
        ...


class Instruments(Protocol):
    """Measures what is not a page."""

    def connect(self, gate: TcpGate) -> ProbeResult:
        """Open a connection and close it; never raises."""
        ...

    def run(self, gate: ExecGate, environment: Mapping[str, str]) -> Ran:
        """Run a command on this machine, the variables added to our own; never raises."""
        ...

    def query(self, gate: PrometheusGate) -> Queried:
        """Ask a Prometheus server; never raises."""
        ...


class Sampling(Protocol):
    """Requests that go on in the background."""

    def samples(self) -> tuple[Sample, ...]:
        """The answers so far, oldest first."""
        ...

    def stop(self) -> None:
        """Ask no more; does not wait for an answer that is still to come."""
        ...


class Sampler(Protocol):
    """Asks in the background while something else goes on."""

    def start(self, probes: Sequence[HttpProbe], rate: float, since: float) -> Sampling:
        """Ask the probes in turn, ``rate`` requests a second in all; ``since`` is 0 on the samples' clock."""
        ...
