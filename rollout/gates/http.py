"""HTTP: the site answers through the real path while the target takes part of the traffic."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log

from rollout.model import CauseKind, Judgement, ProbeResult, Verdict

CONFIDENCE = 0.999
TOLERATED = 1
"""Wrong answers that are forgiven in a step. One proves nothing: it may be the network's, or a load
balancer's that met the old replica as it left. A broken batch gives the second one within milliseconds."""
LEAD = 2.0
"""Seconds that load balancers may take to send a new replica its share: names are looked up every second
or so (seen: with nginx's valid=1s, 33 requests in a burst all met old replicas)."""
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


def judge(counted: Sequence[ProbeResult], early: Sequence[ProbeResult], wanted: int) -> Judgement:
    """Fail as soon as more answers are wrong than can be forgiven; pass by ``wanted`` counted ones.

    ``early`` answers came within ``LEAD``: a wrong one counts, a right one may be an old replica's.
    """
    bad = [result for result in (*early, *counted) if not result.ok]
    if len(bad) > TOLERATED:
        errors = ", ".join(dict.fromkeys(result.error for result in bad))
        sentence = f"{len(bad)} of {len(early) + len(counted)} requests failed: {errors}"
        return Judgement(Verdict.FAIL, sentence, CauseKind.PROBE)
    forgiven = f", {len(bad)} forgiven" if bad else ""
    asked = f"{len(early) + len(counted)} requests"
    if len(counted) >= wanted:
        return Judgement(Verdict.PASS, f"{asked} answered{forgiven}")
    return Judgement(Verdict.INCONCLUSIVE, f"{asked} answered so far{forgiven}")
