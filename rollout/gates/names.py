"""What gates are called in front of a person: short, and no two the same."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import singledispatch
from urllib.parse import urlsplit, urlunsplit

from rollout.model import ExecGate, Gate, ManualGate, Options, PrometheusGate, StableGate, TcpGate
from rollout.secrets import without_secrets
from rollout.untrusted import plain

_LIMIT = 40


def named(gates: Iterable[Gate]) -> tuple[tuple[str, Gate], ...]:
    """The gates with their names; those that would be called the same are numbered."""
    met: Counter[str] = Counter()
    pairs = []
    for gate in gates:
        name = name_of(gate)
        met[name] += 1
        pairs.append((name if met[name] == 1 else f"{name} ({met[name]})", gate))
    return tuple(pairs)


def kept(options: Options) -> tuple[str, ...]:
    """The gates as a record may keep them: URLs without logins and queries, commands without arguments."""
    probes = [f"http {_place(probe.url)}" for probe in options.probes]
    return (*probes, *(name for name, _ in named(map(_bare, options.gates))))


def _bare(gate: Gate) -> Gate:
    return replace(gate, command=gate.command[:1]) if isinstance(gate, ExecGate) else gate


def _place(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


@singledispatch
def name_of(gate: Gate) -> str:
    """A gate's name: its kind, and what it looks at."""
    raise NotImplementedError(type(gate).__name__)


@name_of.register
def _tcp(gate: TcpGate) -> str:
    return f"tcp {gate.address}"


@name_of.register
def _exec(gate: ExecGate) -> str:
    return f"exec {plain(without_secrets(shlex.join(gate.command)), _LIMIT)}"


@name_of.register
def _prometheus(gate: PrometheusGate) -> str:
    return f"prometheus {plain(' '.join(gate.query.split()), _LIMIT)}"


@name_of.register
def _stable(gate: StableGate) -> str:
    return f"stable {gate.seconds:g}s"


@name_of.register
def _manual(_gate: ManualGate) -> str:
    return "manual"
