"""What chance alone explains: the arithmetic behind gates that see only a share of the traffic. Pure."""

from __future__ import annotations

from math import exp, lgamma, log


def at_least(events: int, trials: int, share: float) -> float:
    """The probability of so many events or more in independent trials, each an event with this chance."""
    return 1.0 - at_most(events - 1, trials, share)


def at_most(events: int, trials: int, share: float) -> float:
    """The probability of so many events or fewer."""
    if events < 0:
        return 0.0
    if events >= trials or share <= 0.0:
        return 1.0
    if share >= 1.0:
        return 0.0
    return min(1.0, sum(exactly(count, trials, share) for count in range(events + 1)))


def exactly(events: int, trials: int, share: float) -> float:
    """The probability of just so many events; ``share`` between 0 and 1, both excluded."""
    ways = lgamma(trials + 1) - lgamma(events + 1) - lgamma(trials - events + 1)
    return exp(ways + events * log(share) + (trials - events) * log(1.0 - share))


def percentile(values: list[float], share: float) -> float:
    """The nearest-rank percentile of at least one value."""
    ordered = sorted(values)
    rank = max(1, -int(-len(ordered) * share // 1))
    return ordered[rank - 1]
