"""What the watcher knows and thinks, as one value: pure, from look to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rollout.model import Ailment, Alert, Concern, Condition, Level, News, Vigil
from rollout.vigil import alerts, endings, history
from rollout.vigil.alerts import STEADY, Manner, Table
from rollout.vigil.history import History
from rollout.vigil.rules import Examiner
from rollout.vigil.survey import Survey
from rollout.vigil.tempo import Tempo


@dataclass(frozen=True)
class Mind:
    """The alerts, and what was seen before; ``seen`` is when there was a look last, on its clock."""

    vigil: Vigil
    history: History = field(default_factory=History)
    table: Table = field(default_factory=dict)
    seen: float | None = None
    tempo: Tempo = STEADY

    @property
    def manner(self) -> Manner:
        """How alerts end and are told again."""
        return Manner(self.vigil.calm, self.vigil.remind)

    def after(self, survey: Survey) -> tuple[Mind, tuple[News, ...]]:
        """One look later."""
        remembered = history.remember(self.history, survey, self.vigil)
        aside, table = _set_aside(self._without_the_gap(survey.at), survey, remembered)
        known = frozenset(
            (key, one.ailment) for key, alert in table.items() if alert.open for one in alert.conditions
        )
        found = Examiner(self.vigil).examine(survey, remembered, known)
        turn = alerts.advance(table, found, survey.at, remembered.silenced, self.manner, self.tempo)
        tempo = self.tempo.after(turn.news, survey.at)
        mind = replace(self, history=remembered, table={**aside, **turn.table}, seen=survey.at, tempo=tempo)
        return mind, endings.explained(turn.news, survey)

    def blind(self, at: float, sentence: str, who: str) -> tuple[Mind, tuple[News, ...]]:
        """A look that has failed: of everything else nothing is known, so nothing else changes."""
        return self._about_the_engine([engine_away(sentence, who, self.vigil)], at)

    def sighted(self, at: float) -> tuple[Mind, tuple[News, ...]]:
        """The engine answers, but it is not for us to look."""
        return self._about_the_engine([], at)

    def remembering(self, known: Mapping[str, Alert]) -> Mind:
        """The same with the alerts that an earlier life of the watcher has told of."""
        return replace(self, table={**known, **self.table})

    def forgetting(self) -> Mind:
        """Somebody else watches now; only that the engine was away is ours to tell."""
        engine, _ = _parted(self.table, _ENGINE)
        return Mind(self.vigil, table=engine)

    def next_due(self) -> float:
        """When something changes though nothing happens; what is gathered waits for its time."""
        due = alerts.next_due(self.table, self.manner)
        return due if self.seen is None else max(due, self.tempo.opens(self.seen))

    def acting_on(self, keys: frozenset[str]) -> Mind:
        """The same, with these alerts marked as being mended."""
        marked = {key: replace(alert, acted=alert.acted or key in keys) for key, alert in self.table.items()}
        return replace(self, table=marked)

    def to_mend(self) -> tuple[Alert, ...]:
        """The abandoned deployments that nobody has tried to mend yet."""
        return tuple(
            alert
            for alert in self.table.values()
            if alert.open
            and not alert.acted
            and any(one.ailment == Ailment.ABANDONED for one in alert.conditions)
        )

    def _about_the_engine(self, found: list[Condition], at: float) -> tuple[Mind, tuple[News, ...]]:
        mine, others = _parted(self.table, _ENGINE)
        turn = alerts.advance(mine, found, at, frozenset(), self.manner)
        return replace(self, table={**others, **turn.table}), turn.news

    def _without_the_gap(self, at: float) -> Table:
        """The time in which nothing could be seen counts for nothing, but for the engine itself."""
        gap = 0.0 if self.seen is None else at - self.seen
        if gap < 3 * self.vigil.every + _USUAL:
            return self.table
        mine, others = _parted(self.table, _ENGINE)
        return {**alerts.excused(others, gap), **mine}


def _set_aside(table: Table, survey: Survey, history: History) -> tuple[Table, Table]:
    """The alerts of which nothing is known for now, and the others.

    While somebody is at work on an unfinished deployment nobody can say whether its trouble is over.
    """
    undecided = {one.id for one in survey.standings if one.unfinished and one.id in history.busy}
    aside = {
        key: alert
        for key, alert in table.items()
        if alert.lead.concern in survey.blind_to
        or (alert.open and alert.lead.concern == Concern.DEPLOYMENT and alert.lead.subject in undecided)
    }
    return aside, {key: alert for key, alert in table.items() if key not in aside}


def _parted(table: Table, concerns: frozenset[Concern]) -> tuple[Table, Table]:
    """The alerts about these concerns, and the others."""
    mine = {key: alert for key, alert in table.items() if alert.lead.concern in concerns}
    return mine, {key: alert for key, alert in table.items() if key not in mine}


_ENGINE = frozenset({Concern.ENGINE})
_USUAL = 5.0
"""Seconds that a slow look may take without being a gap."""


def engine_away(sentence: str, who: str, vigil: Vigil) -> Condition:
    """The Swarm cannot be looked at, by this watcher: there may be others."""
    return Condition(
        Ailment.ENGINE,
        "engine",
        "the Swarm",
        "the Swarm cannot be looked at",
        Level.FAILURE,
        vigil.engine_for,
        (("why", sentence), ("seen by", who)),
        "look at the engine and its managers: docker node ls",
    )
