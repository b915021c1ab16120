"""What a release has to pass, in words: one line a gate, a hook or a smoke test. Pure.

Of header fields only the names are told: their values may be secrets.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import singledispatch

from rollout.model import (
    ExecGate,
    Gate,
    HttpProbe,
    Limit,
    ManualGate,
    OneShot,
    PrometheusGate,
    StableGate,
    TcpGate,
)
from rollout.render.text import duration
from rollout.secrets import without_secrets
from rollout.untrusted import plain

_USUAL = HttpProbe("")
_LIMIT = 40


def probe_words(probe: HttpProbe) -> str:
    """An HTTP gate."""
    url = without_secrets(probe.url)
    asked = url if probe.method == _USUAL.method else f"{probe.method} {url}"
    return f"{asked}: requests get {_answer(probe)} within {duration(probe.timeout)}; " + "; ".join(
        _terms(probe)
    )


def _answer(probe: HttpProbe) -> str:
    wanted = [f"status {probe.expect_status}" if probe.expect_status else "a good status"]
    wanted += [f"a page with /{plain(probe.expect_body, _LIMIT)}/"] if probe.expect_body else []
    wanted += [f"the right {name}" for name in probe.expect_headers]
    return " and ".join(wanted)


def _terms(probe: HttpProbe) -> Iterator[str]:
    """How strictly, how fast and how often: only what is not as usual."""
    yield _budget(probe.error_budget) if probe.error_budget.amount else "one miss in a step is forgiven"
    if probe.p95:
        yield f"p95 at most {_times(probe.p95) if probe.p95.relative else duration(probe.p95.amount)}"
    if probe.rate:
        yield f"{probe.rate:g} a second"
    if probe.confidence != _USUAL.confidence:
        yield f"{100 * probe.confidence:.7g}% sure"
    if probe.headers:
        yield f"sent with {', '.join(probe.headers)}"
    if probe.version_header:
        yield f"{probe.version_header} tells the release"


def _budget(limit: Limit) -> str:
    return f"misses at most {_times(limit)}" if limit.relative else f"{100 * limit.amount:.7g}% may miss"


def _times(limit: Limit) -> str:
    return f"{limit.amount:g} times what it was before"


@singledispatch
def gate_words(gate: Gate) -> str:
    """What any other gate wants, without its name."""
    raise NotImplementedError(type(gate).__name__)


@gate_words.register
def _tcp(gate: TcpGate) -> str:
    return f"connects within {duration(gate.timeout)}; {_in_a_row(gate)}"


@gate_words.register
def _exec(gate: ExecGate) -> str:
    exits = f"exits with 0 within {duration(gate.timeout)}"
    return exits if (gate.successes, gate.failures) == (1, 1) else f"{exits}; {_in_a_row(gate)}"


@gate_words.register
def _prometheus(gate: PrometheusGate) -> str:
    compared = f"every value {gate.operator} {gate.threshold:.12g}"
    sent = f"; sent with {', '.join(gate.headers)}" if gate.headers else ""
    return f"{compared} at {without_secrets(gate.url)}; {_in_a_row(gate)}; no value: {gate.absence}{sent}"


@gate_words.register
def _stable(_gate: StableGate) -> str:
    return "no new replica restarts in that time"


@gate_words.register
def _manual(gate: ManualGate) -> str:
    return f"waits for `rollout promote` after {'every' if gate.every_step else 'the first'} step"


def _in_a_row(gate: TcpGate | ExecGate | PrometheusGate) -> str:
    return f"passes by {gate.successes} in a row, fails by {gate.failures}"


def one_shot_words(shot: OneShot) -> str:
    """A command that runs once."""
    image = f" in {shot.image}" if shot.image else ""
    return f"`{without_secrets(shlex.join(shot.command))}`{image}, {duration(shot.timeout)} at most"
