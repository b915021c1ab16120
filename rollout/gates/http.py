"""HTTP: the site answers through the real path while the target takes part of the traffic."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log

from rollout.model import CauseKind, Judgement, ProbeResult, Verdict

CONFIDENCE = 0.999
TOLERATED = 1
"""Wrong answers that are forgiven in a step. One proves nothing: it may be the network's, or a load
balancer's that met the old replica as it left. A broken batch gives the second one within milliseconds."""
FEWEST = 5
MOST = 1000


def requests_needed(exposed: int, slots: int, confidence: float = CONFIDENCE) -> int:
    """How many requests show a fully broken batch with this confidence.

    Each request meets one of ``slots`` replicas, ``exposed`` of which are new. The batch is seen when more
    than ``TOLERATED`` of them fail.
    """
    share = min(max(exposed, 1) / max(slots, 1), 1.0)
    if share >= 1.0:
        return FEWEST
    wanted = max(ceil(log(1 - confidence) / log(1 - share)), FEWEST)
    while wanted < MOST and _unseen(wanted, share) > 1 - confidence:
        wanted += 1
    return min(wanted, MOST)


def _unseen(requests: int, share: float) -> float:
    """The probability that so many requests meet the broken share at most once."""
    never = (1 - share) ** requests
    once = requests * share * (1 - share) ** (requests - 1)
    return never + once


def judge(results: Sequence[ProbeResult], wanted: int) -> Judgement:
    """Fail as soon as more answers are wrong than can be forgiven."""
    bad = [number for number, result in enumerate(results, start=1) if not result.ok]
    count = f"{len(results) - len(bad)} of {wanted} requests answered"
    if len(bad) > TOLERATED:
        errors = ", ".join(dict.fromkeys(results[number - 1].error for number in bad))
        sentence = f"{len(bad)} of {len(results)} requests failed: {errors}"
        return Judgement(Verdict.FAIL, sentence, CauseKind.PROBE)
    forgiven = f", {len(bad)} forgiven" if bad else ""
    if len(results) >= wanted:
        return Judgement(Verdict.PASS, count + forgiven)
    return Judgement(Verdict.INCONCLUSIVE, f"{count} so far{forgiven}")
