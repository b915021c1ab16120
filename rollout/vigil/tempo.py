"""How fast things are told: many in a row together, and what comes and goes once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rollout.model import News, NewsKind

MANY = 5
"""Messages of a kind within a minute: what comes after them is told together."""
MINUTE = 60.0
TOGETHER = 30.0
"""Seconds in which what is told together is gathered."""
OFTEN = 2
"""Ends within half an hour after which what begins again comes and goes."""
HALF_AN_HOUR = 1800.0
WELL = 600.0
"""Seconds for which what comes and goes has to be well until it is over."""
_GATHERED = (NewsKind.BEGAN, NewsKind.OVER)


@dataclass(frozen=True)
class Tempo:
    """When something was ``told`` of late, by kind, and when alerts have ``ended``, by key; by the clock."""

    told: Mapping[NewsKind, tuple[float, ...]] = field(default_factory=dict)
    ended: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def after(self, news: Iterable[News], at: float) -> Tempo:
        """The same once these are told."""
        fresh = tuple(news)
        told = {
            kind: (*_since(self.told.get(kind, ()), at - MINUTE), *(at for one in fresh if one.kind == kind))
            for kind in _GATHERED
        }
        ended = {key: kept for key, ends in self.ended.items() if (kept := _since(ends, at - HALF_AN_HOUR))}
        for one in fresh:
            if one.kind == NewsKind.OVER:
                ended[one.alert.key] = (*ended.get(one.alert.key, ()), at)
        return Tempo(told, ended)

    def crowded(self, at: float) -> frozenset[NewsKind]:
        """The kinds of which there were many of late: more of them are told together."""
        return frozenset(kind for kind, told in self.told.items() if len(_since(told, at - MINUTE)) > MANY)

    def held(self, at: float) -> frozenset[NewsKind]:
        """The kinds that are gathered now."""
        return frozenset(kind for kind in self.crowded(at) if at < self.told[kind][-1] + TOGETHER)

    def opens(self, at: float) -> float:
        """When something is told again that is gathered now; minus infinity where nothing is."""
        return min((self.told[kind][-1] + TOGETHER for kind in self.held(at)), default=float("-inf"))

    def restless(self, at: float) -> frozenset[str]:
        """The keys of what has begun and ended so often of late that it comes and goes."""
        return frozenset(
            key for key, ends in self.ended.items() if len(_since(ends, at - HALF_AN_HOUR)) >= OFTEN
        )


def _since(times: tuple[float, ...], start: float) -> tuple[float, ...]:
    return tuple(time for time in times if time > start)
