"""The port ``Instruments``: measures what is not a page, from this machine."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.instruments.command import run
from rollout.instruments.prometheus import query
from rollout.instruments.tcp import connect
from rollout.model import ExecGate, ProbeResult, PrometheusGate, Queried, Ran, TcpGate

__all__ = ["LocalInstruments"]


class LocalInstruments:
    """Sockets, commands and queries of the machine that rollout runs on."""

    def connect(self, gate: TcpGate) -> ProbeResult:
        """Open a connection and close it; never raises."""
        return connect(gate)

    def run(self, gate: ExecGate, environment: Mapping[str, str]) -> Ran:
        """Run a command on this machine, the variables added to our own; never raises."""
        return run(gate, environment)

    def query(self, gate: PrometheusGate) -> Queried:
        """Ask a Prometheus server; never raises."""
        return query(gate)
