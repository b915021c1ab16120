"""From conditions to alerts: what is pending, what somebody was told of, what there is to tell. Pure.

pending ──(holds for its patience)──▶ firing ──(holds no more)──▶ clearing ──(stays so)──▶ gone
   │  ▲                                  ▲                            │
   ▼  │                                  └────────(holds again)───────┘
silenced (a deployment explains it), covered (a node that is down explains it)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from rollout.model import Ailment, Alert, AlertState, Concern, Condition, Level, News, NewsKind
from rollout.vigil.tempo import WELL, Tempo

ATTRIBUTED = 120.0
"""Seconds after the loss of a node in which the troubles of services that ran there are its doing."""

Table: TypeAlias = Mapping[str, Alert]

SILENCEABLE = frozenset({Concern.SERVICE, Concern.UPDATE})
"""What a deployment explains."""
_WEIGHT = {Level.FAILURE: 0, Level.WARNING: 1, Level.INFO: 2, Level.SUCCESS: 3}


STEADY = Tempo()
"""Nothing was told of late."""


@dataclass(frozen=True)
class Manner:
    """For how long it has to be well again, and after how long it is told again (0: never). In seconds."""

    calm: float
    remind: float


@dataclass(frozen=True)
class Turn:
    """The alerts after one look, and what there is to tell."""

    table: Table = field(default_factory=dict)
    news: tuple[News, ...] = ()


def advance(
    table: Table,
    found: Sequence[Condition],
    at: float,
    silenced: frozenset[str],
    manner: Manner,
    tempo: Tempo = STEADY,
) -> Turn:
    """One look later; ``silenced`` are the services that a deployment explains."""
    by_key: dict[str, list[Condition]] = {}
    for condition in found:
        by_key.setdefault(condition.key, []).append(condition)
    after: dict[str, Alert] = {}
    news: list[News] = []
    for key in sorted({*table, *by_key}, key=_nodes_first):
        look = _Look(tuple(by_key.get(key, ())), at, silenced, tuple(after.values()), manner, tempo)
        alert, told = look.judge(key, table.get(key))
        after |= {key: alert} if alert else {}
        news += [told] if told else []
    return Turn(after, tuple(news))


def next_due(table: Table, manner: Manner) -> float:
    """When something changes though nothing happens, on the watcher's clock; infinity for never."""
    return min((_due(alert, manner) for alert in table.values()), default=float("inf"))


def excused(table: Table, seconds: float) -> Table:
    """The alerts after a time in which nothing could be seen: it counts for nothing."""
    return {key: _excused(alert, seconds) for key, alert in table.items()}


def worst(conditions: Iterable[Condition]) -> Condition:
    """The one that matters most, the first of equals."""
    return min(conditions, key=lambda one: _WEIGHT[one.level])


@dataclass(frozen=True)
class _Look:
    """What a look shows of one alert's subject; ``around`` are the alerts that have been judged already."""

    conditions: tuple[Condition, ...]
    at: float
    silenced: frozenset[str]
    around: tuple[Alert, ...]
    manner: Manner
    tempo: Tempo

    def judge(self, key: str, before: Alert | None) -> tuple[Alert | None, News | None]:
        """What becomes of the alert, and what there is to tell."""
        if not self.conditions:
            return self._without(before)
        since = self._since(before)
        if before is not None and before.open:
            return self._still(before, since)
        return self._begin(key, before, since)

    def _without(self, before: Alert | None) -> tuple[Alert | None, News | None]:
        """Nothing is wrong any more."""
        if before is None or not before.open:
            return None, None
        if before.state == AlertState.FIRING:
            before = replace(
                before, state=AlertState.CLEARING, conditions=(), since={}, cleared=self.at, graver=None
            )
        if self.at < _over_at(before, self.manner) or NewsKind.OVER in self.tempo.held(self.at):
            return before, None
        return None, News(NewsKind.OVER, before, before.cleared - before.began)

    def _still(self, before: Alert, since: Mapping[Ailment, float]) -> tuple[Alert, News | None]:
        """Somebody knows, and it holds."""
        touches = before.touches.union(*(one.touches for one in self.conditions))
        alert = replace(
            before, state=AlertState.FIRING, conditions=self.conditions, since=since, touches=touches
        )
        if self._is_silenced():
            return replace(alert, graver=None), None
        if _WEIGHT[worst(self.conditions).level] >= _WEIGHT[alert.lead.level]:
            return self._reminded(replace(alert, graver=None))
        alert = replace(alert, graver=self.at if alert.graver is None else alert.graver)
        if self.at < _worse_at(alert):
            return self._reminded(alert)
        alert = replace(alert, lead=worst(self.conditions), graver=None)
        return alert, News(NewsKind.WORSE, alert, self.at - alert.began)

    def _reminded(self, alert: Alert) -> tuple[Alert, News | None]:
        """It is told again with what is wrong now."""
        count = reminders(self.at - alert.began, self.manner)
        if count <= alert.reminded:
            return alert, None
        alert = replace(alert, reminded=count)
        if not any(one.reminds for one in self.conditions):
            return alert, None
        told = replace(alert, lead=worst(self.conditions))
        return alert, News(NewsKind.REMINDER, told, self.at - alert.began)

    def _begin(
        self, key: str, before: Alert | None, since: Mapping[Ailment, float]
    ) -> tuple[Alert, News | None]:
        """Nobody knows yet."""
        alert = Alert(key, AlertState.PENDING, worst(self.conditions), self.conditions, since)
        alert = replace(alert, touches=frozenset().union(*(one.touches for one in self.conditions)))
        if self._is_silenced():
            return replace(alert, state=AlertState.SILENCED, since=dict.fromkeys(since, self.at)), None
        if self._is_covered(since):
            return replace(alert, state=AlertState.COVERED), None
        if before is not None and before.state == AlertState.COVERED:
            alert = replace(alert, since=dict.fromkeys(since, self.at))
        due = [one for one in self.conditions if self.at - alert.since[one.ailment] >= one.patience]
        if not due or NewsKind.BEGAN in self.tempo.held(self.at):
            return alert, None
        flaps = key in self.tempo.restless(self.at)
        alert = replace(alert, state=AlertState.FIRING, lead=worst(due), began=self.at, flaps=flaps)
        return alert, News(NewsKind.BEGAN, alert, held=self.at - alert.since[alert.lead.ailment])

    def _since(self, before: Alert | None) -> dict[Ailment, float]:
        known = before.since if before else {}
        return {one.ailment: known.get(one.ailment, self.at - one.held) for one in self.conditions}

    def _is_silenced(self) -> bool:
        one = self.conditions[0]
        return one.concern in SILENCEABLE and one.subject in self.silenced

    def _is_covered(self, since: Mapping[Ailment, float]) -> bool:
        """Whether a node that went down explains it."""
        one, first = self.conditions[0], min(since.values())
        return one.concern == Concern.SERVICE and any(
            one.subject in alert.touches and first <= _lost(alert) + ATTRIBUTED
            for alert in self.around
            if alert.lead.concern == Concern.NODE
        )


def reminders(seconds: float, manner: Manner) -> int:
    """How many reminders there are to be in so many seconds."""
    return int(seconds // manner.remind) if manner.remind else 0


def _lost(alert: Alert) -> float:
    """When a node was first missed; one that is clearing has not been missed again since it began."""
    return alert.since.get(Ailment.NODE_DOWN, alert.began)


def _nodes_first(key: str) -> tuple[bool, str]:
    return not key.startswith(f"{Concern.NODE}/"), key


def _due(alert: Alert, manner: Manner) -> float:
    if alert.state == AlertState.PENDING:
        return min(alert.since[one.ailment] + one.patience for one in alert.conditions)
    if alert.state == AlertState.CLEARING:
        return _over_at(alert, manner)
    if alert.state == AlertState.FIRING and manner.remind:
        return min(_worse_at(alert), alert.began + (alert.reminded + 1) * manner.remind)
    return _worse_at(alert) if alert.state == AlertState.FIRING else float("inf")


def _over_at(alert: Alert, manner: Manner) -> float:
    """When it is over if it stays well: what comes and goes has to be well for longer."""
    return alert.cleared + (max(WELL, manner.calm) if alert.flaps else manner.calm)


def _worse_at(alert: Alert) -> float:
    """When it is told that it has become worse, if it stays so: for a moment it may be a mere restart."""
    if alert.graver is None:
        return float("inf")
    told = _WEIGHT[alert.lead.level]
    return alert.graver + max(one.patience for one in alert.conditions if _WEIGHT[one.level] < told)


def _excused(alert: Alert, seconds: float) -> Alert:
    if alert.state == AlertState.FIRING:
        return alert
    since = {ailment: at + seconds for ailment, at in alert.since.items()}
    return replace(alert, since=since, cleared=alert.cleared + seconds)
