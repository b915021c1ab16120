"""A single judgement, for cron and pipelines: tells nobody, writes nothing, takes no post."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollout.model import Condition, Vigil
from rollout.ports import Background, Clock, Prober
from rollout.state.presence import SHORT
from rollout.vigil.alerts import SILENCEABLE
from rollout.vigil.credentials import Logins
from rollout.vigil.history import History, remember
from rollout.vigil.probing import ask_all
from rollout.vigil.rules import Examiner
from rollout.vigil.sight import Sight
from rollout.vigil.survey import Survey

CONFIRM = 2.0
"""Seconds until a second look: what is gone by then was only on its way. A look is not atomic either."""
SIGN_OF_LIFE = SHORT + 1.0
"""The same where a lock seems to be left behind: the clock of the manager that says so may be wrong."""
LOGIN_SECONDS = 20.0


@dataclass(frozen=True)
class Verdict:
    """What is wrong, and how many services were looked at."""

    conditions: tuple[Condition, ...]
    services: int


@dataclass(frozen=True)
class Once:
    """Looks once, and where something is wrong twice."""

    vigil: Vigil
    sight: Sight
    prober: Prober
    background: Background
    logins: Logins
    clock: Clock

    def judge(self) -> Verdict:
        """What is wrong now. Raises what the ports raise."""
        survey = self._look()
        history = remember(History(), survey, self.vigil)
        first = self._judged(survey, history)
        if not first.conditions:
            return first
        self.clock.sleep(SIGN_OF_LIFE if history.locks.keys() - history.busy.keys() else CONFIRM)
        survey = self._look()
        second = self._judged(survey, remember(history, survey, self.vigil))
        seen = {(one.key, one.ailment) for one in first.conditions}
        lasting = tuple(one for one in second.conditions if (one.key, one.ailment) in seen)
        return replace(second, conditions=lasting)

    def _look(self) -> Survey:
        survey = self.sight.look()
        probes = ask_all(self.vigil.probes, self.prober, self.background, self.clock)
        services = [one.service for one in survey.standings]
        until = self.clock.now() + LOGIN_SECONDS
        logins = self.logins.turn(services)
        while services and not logins and self.logins.asking and self.clock.now() < until:
            self.clock.sleep(0.05)
            logins = self.logins.turn(services)
        return replace(survey, probes=probes, logins=logins)

    def _judged(self, survey: Survey, history: History) -> Verdict:
        """The replicas of a service on which a deployment is at work are left to that."""
        found = Examiner(self.vigil).examine(survey, history, frozenset())
        told = tuple(
            one for one in found if one.concern not in SILENCEABLE or one.subject not in history.silenced
        )
        return Verdict(told, len(survey.standings))
