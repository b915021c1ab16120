"""TCP: a port accepts connections."""

from __future__ import annotations

from collections.abc import Iterable

from rollout.model import CauseKind, Judgement, ProbeResult, Verdict


def read(result: ProbeResult, earlier: Iterable[Judgement]) -> Judgement:
    """One reading, given the ``earlier`` ones of this deployment.

    A port that has never been reached may be the gate's mistake and not the release's (a network of which
    this machine has no part): that is inconclusive, as a name that does not resolve always is. Once reached,
    it has to stay so.
    """
    if result.ok:
        return Judgement(Verdict.PASS, "connected")
    if not result.resolved:
        return Judgement(Verdict.INCONCLUSIVE, result.error)
    if any(reading.verdict == Verdict.PASS for reading in earlier):
        return Judgement(Verdict.FAIL, f"{result.error}, after it had been reached", CauseKind.GATE)
    return Judgement(Verdict.INCONCLUSIVE, f"never reached: {result.error}")
