"""How many requests a verdict takes, when each of them meets a new replica only now and then. Pure."""

from __future__ import annotations

from functools import lru_cache

from rollout.gates.chance import at_least, at_most

TOLERATED = 1
"""Wrong answers that are forgiven in a step. One proves nothing: it may be the network's, or a load
balancer's that met the old replica as it left. A broken batch gives the second one within milliseconds."""
FEWEST = 5
MOST = 1000


def suspicious(wrong: int, asked: int, budget: float, confidence: float) -> bool:
    """Whether more answers are wrong than the budget and chance explain."""
    return wrong > TOLERATED and at_least(wrong, asked, budget) < 1.0 - confidence


@lru_cache(maxsize=256)
def requests_needed(exposed: int, slots: int, budget: float = 0.0, confidence: float = 0.999) -> int:
    """How many requests show a fully broken batch with this confidence.

    Each request meets one of ``slots`` replicas, ``exposed`` of which are new; ``budget`` is the share of
    wrong answers that is allowed. A batch whose share of the traffic lies within the budget cannot be seen
    by its errors: then it is ``MOST``.
    """
    share = min(max(exposed, 1) / max(slots, 1), 1.0)
    if share <= budget:
        return MOST
    asked, threshold, doubt = FEWEST, TOLERATED + 1, 1.0 - confidence
    while asked < MOST:
        while threshold <= asked and not suspicious(threshold, asked, budget, confidence):
            threshold += 1
        if at_most(threshold - 1, asked, share) <= doubt:
            return asked
        asked += max(1, asked // 100)
    return MOST
