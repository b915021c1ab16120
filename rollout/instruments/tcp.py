"""Whether a port accepts connections."""

from __future__ import annotations

import socket
import time

from rollout.connecting import LOOKUP, late, resolved, resolves, sentence_of
from rollout.deadline import within
from rollout.model import ProbeResult, TcpGate


def connect(gate: TcpGate) -> ProbeResult:
    """Open a connection and close it, within ``gate.timeout`` seconds, the name's lookup included."""
    return within(gate.timeout, lambda: _tried(gate)) or _missed(gate)


def _tried(gate: TcpGate) -> ProbeResult:
    begun = time.monotonic()
    try:
        socket.create_connection(_place(gate.address), gate.timeout).close()
    except OSError as problem:
        return _failed(time.monotonic() - begun, sentence_of(problem, gate.timeout), resolved(problem))
    except ValueError:
        return _failed(0.0, "not an address such as redis:6379", found=False)
    return ProbeResult(True, time.monotonic() - begun)


def _missed(gate: TcpGate) -> ProbeResult:
    """No answer in time: was it the name server that did not answer?"""
    found = resolves(_place(gate.address)[0], LOOKUP)
    return _failed(gate.timeout, late(gate.timeout), found)


def _failed(seconds: float, error: str, found: bool) -> ProbeResult:
    return ProbeResult(False, seconds, error=error, reached=False, resolved=found)


def _place(address: str) -> tuple[str, int]:
    """Host and port; an IPv6 address stands in brackets."""
    host, _, port = address.rpartition(":")
    number = int(port)
    if not host or not 0 < number < 1 << 16:
        raise ValueError(address)
    return host.removeprefix("[").removesuffix("]"), number
