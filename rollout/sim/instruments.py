"""The port ``Instruments`` by script: tests say which ports are open, what commands and queries give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from rollout.model import ExecGate, ProbeResult, PrometheusGate, Queried, Ran, TcpGate
from rollout.sim.clock import SimClock

Result: TypeAlias = Ran | Callable[[Mapping[str, str]], Ran]
"""What a command gives, as such or by its environment."""
Values: TypeAlias = Queried | Callable[[], Queried]
"""What a query gives, as such or asked anew each time."""


class SimInstruments:
    """``ports`` that are open, ``commands`` by their first word, ``queries`` by their text.

    A command that nobody has put there is not found; a query without an entry has no result. What was run
    with which variables is kept in ``runs``. Each measurement takes ``seconds`` of virtual time.
    """

    def __init__(self, clock: SimClock, seconds: float = 0.01) -> None:
        self.ports: set[str] = set()
        self.commands: dict[str, Result] = {}
        self.queries: dict[str, Values] = {}
        self.runs: list[tuple[tuple[str, ...], dict[str, str]]] = []
        self._clock = clock
        self._seconds = seconds

    def connect(self, gate: TcpGate) -> ProbeResult:
        """Whether the port is one of those that are open."""
        self._clock.sleep(self._seconds)
        if gate.address in self.ports:
            return ProbeResult(True, self._seconds)
        return ProbeResult(False, self._seconds, error="connection refused", reached=False)

    def run(self, gate: ExecGate, environment: Mapping[str, str]) -> Ran:
        """The result that was put there for the command."""
        self._clock.sleep(self._seconds)
        self.runs.append((gate.command, dict(environment)))
        result = self.commands.get(gate.command[0], Ran(None, error=f"{gate.command[0]} was not found"))
        return result(environment) if callable(result) else result

    def query(self, gate: PrometheusGate) -> Queried:
        """The values that were put there for the query."""
        self._clock.sleep(self._seconds)
        values = self.queries.get(gate.query, Queried())
        return values() if callable(values) else values
