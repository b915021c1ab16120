"""HTTP: the site answers through the real path while the target takes part of the traffic."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log

from rollout.model import CauseKind, Judgement, ProbeResult, Verdict

CONFIDENCE = 0.999
FEWEST = 5
MOST = 1000


def requests_needed(exposed: int, slots: int, confidence: float = CONFIDENCE) -> int:
    """How many requests show a fully broken batch with this confidence.

    Each request meets one of ``slots`` replicas, ``exposed`` of which are new: all of n requests miss the
    new ones with probability (1 - exposed/slots)^n.
    """
    share = min(max(exposed, 1) / max(slots, 1), 1.0)
    if share >= 1.0:
        return FEWEST
    return min(max(ceil(log(1 - confidence) / log(1 - share)), FEWEST), MOST)


def judge(results: Sequence[ProbeResult], wanted: int) -> Judgement:
    """Fail at the first wrong answer: before the release there was none."""
    bad = next((result for result in results if not result.ok), None)
    if bad is not None:
        sentence = f"request {results.index(bad) + 1} of {wanted}: {bad.error}"
        return Judgement(Verdict.FAIL, sentence, CauseKind.PROBE)
    if len(results) >= wanted:
        return Judgement(Verdict.PASS, f"{len(results)} of {wanted} requests answered")
    return Judgement(Verdict.INCONCLUSIVE, f"{len(results)} of {wanted} requests answered so far")
