"""The watcher's loop: looks, thinks, keeps what is open in the Swarm, tells. Only its owner ends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from rollout.errors import RolloutError
from rollout.model import Concern, News, NewsKind, OnAbandoned, Vigil
from rollout.ports import Background, Clock, Swarm
from rollout.secrets import without_secrets_of_logs
from rollout.state.alertbook import AlertBook, Superseded
from rollout.state.tenure import Tenure
from rollout.vigil import keeping
from rollout.vigil.chronicle import Chronicle
from rollout.vigil.credentials import Logins
from rollout.vigil.keeping import Moment
from rollout.vigil.mending import Mender
from rollout.vigil.mind import Mind
from rollout.vigil.picture import Picture, Role
from rollout.vigil.probing import Rounds
from rollout.vigil.rules.case import plural
from rollout.vigil.sight import Sight
from rollout.vigil.survey import Survey
from rollout.vigil.tidings import Herald, Tidings

TICK = 0.25
"""Seconds between two looks at what is under way: messages, probes, signals."""
SOON = 0.05
"""Seconds: an alert that is due is looked at then, and not with the next look only."""
_LOGINS = frozenset({Concern.LOGIN})
LOGS = 3
"""Tasks whose last words are asked for after one look: the rest are counted, not quoted."""
LOG_LINES = 12
LONGEST_LINE = 1000
LOG_SECONDS = 3.0
_QUOTED = frozenset({NewsKind.BEGAN, NewsKind.WORSE})


@dataclass(frozen=True)
class Tools:
    """What a watcher works with."""

    vigil: Vigil
    swarm: Swarm
    clock: Clock
    background: Background
    sight: Sight
    rounds: Rounds
    logins: Logins
    tenure: Tenure
    book: AlertBook
    chronicle: Chronicle | None
    mender: Mender
    heralds: Sequence[Herald]


class Watcher:
    """One life of the watcher."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._mind = Mind(tools.vigil)
        self._kept: dict[str, tuple[str, bool]] | None = None
        self._next = tools.clock.now()
        self.picture = Picture(turned=tools.clock.now())

    def run(self, stopped: Callable[[], bool], tick: float = TICK) -> None:
        """Watch until somebody says so."""
        while not stopped():
            self.step()
            self._tools.clock.sleep(min(tick, max(0.0, self._wake() - self._tools.clock.now())))

    def step(self) -> None:
        """Go on with what is under way, and look if it is time to."""
        changed = self._tools.rounds.turn()
        for herald in self._tools.heralds:
            herald.turn()
        for said in self._tools.mender.turn():
            self._remark(said)
        if changed or self._tools.clock.now() >= self._next:
            self._turn()
        self._show(turned=self._tools.clock.now(), probes=self._tools.rounds.streaks())

    def close(self) -> None:
        """Give the post back; the alerts stay in the Swarm for whoever comes next."""
        try:
            self._tools.tenure.leave()
        except RolloutError as error:
            self._remark(f"the next watcher has to wait for a minute: {error.message}", warning=True)

    def _turn(self) -> None:
        """One look, and what follows from it."""
        try:
            self._watch() if self._tools.tenure.hold() else self._stand_by()
        except RolloutError as error:
            self._be_blind(error.message)
        except Exception as error:  # a mistake of ours ends one look, and not the watch
            self._be_blind(f"something unforeseen happened: {type(error).__name__}: {error}")
        now = self._tools.clock.now()
        self._next = min(now + self._tools.vigil.every, max(now + SOON, self._mind.next_due()))

    def _watch(self) -> None:
        if self.picture.role != Role.ACTIVE or self._kept is None:
            self._take_over()
        survey = self._look()
        self._chronicle(survey)
        self._mind, news = self._mind.after(survey)
        self._show(survey=survey, looked=self._tools.clock.wall().timestamp(), looks=self.picture.looks + 1)
        self._see_again()
        mending = self._choose_what_to_mend()
        if self._keep():
            self._tell(news)
            for service_id in mending:
                self._tools.mender.begin(service_id)
        self._show(mind=self._mind)

    def _look(self) -> Survey:
        survey = self._tools.sight.look()
        logins = self._tools.logins.turn(one.service for one in survey.standings)
        blind_to = frozenset() if self._tools.logins.known else _LOGINS
        return replace(survey, probes=self._tools.rounds.streaks(), logins=logins, blind_to=blind_to)

    def _take_over(self) -> None:
        """Begin with what the watcher before has told of."""
        known = keeping.read(self._tools.book.read(), self._moment(), self._mind.manner)
        self._mind = self._mind.forgetting().remembering(known)
        self._kept = dict(keeping.kept(self._mind.table))
        leads = [alert.lead for alert in known.values()]
        self._tools.rounds.believe(frozenset(lead.subject for lead in leads if lead.concern == Concern.PROBE))
        self._show(role=Role.ACTIVE)
        verb = "is" if len(known) == 1 else "are"
        open_ones = f"; {plural(len(known), 'alert')} {verb} open" if known else ""
        self._remark(f"watching every {self._tools.vigil.every:g}s{open_ones}")

    def _stand_by(self) -> None:
        if self.picture.role != Role.STANDBY:
            self._remark(f"standing by: {self._tools.tenure.holder_name() or 'somebody'} is watching already")
        self._mind, news = self._mind.forgetting().sighted(self._tools.clock.now())
        self._kept = None
        self._show(role=Role.STANDBY, survey=None, mind=self._mind)
        self._see_again()
        self._tell(news)

    def _be_blind(self, sentence: str) -> None:
        """The engine is away, or has no leader: it is tried again with the next look.

        Whoever stands by tells of it as well: nobody can ask whether the other one still can.
        """
        if not self.picture.trouble:
            self._remark(f"{sentence}; trying again every {self._tools.vigil.every:g}s", warning=True)
        self._show(trouble=sentence, failures=self.picture.failures + 1)
        who = self._tools.tenure.holder.who
        self._mind, news = self._mind.blind(self._tools.clock.now(), sentence, who)
        self._tell(news)
        self._show(mind=self._mind)

    def _see_again(self) -> None:
        if self.picture.trouble:
            self._remark("the Swarm answers again")
            self._show(trouble="")

    def _chronicle(self, survey: Survey) -> None:
        """Only where somebody asks for the figures: to begin with, all records have to be read."""
        if self._tools.chronicle is not None:
            locked = frozenset(one.id for one in survey.standings if one.lock is not None)
            self._tools.chronicle.turn(locked, frozenset(one.id for one in survey.standings))
            self._show(tallies=self._tools.chronicle.tallies)

    def _choose_what_to_mend(self) -> tuple[str, ...]:
        if self._tools.vigil.on_abandoned == OnAbandoned.TELL:
            return ()
        chosen = self._mind.to_mend()[: self._tools.mender.free]
        self._mind = self._mind.acting_on(frozenset(alert.key for alert in chosen))
        return tuple(alert.lead.subject for alert in chosen)

    def _keep(self) -> bool:
        """Keep what is open, before it is told; whether it is for us to tell.

        A Swarm that cannot be written to does not keep anybody from being told: it is kept later.
        """
        kept = dict(keeping.kept(self._mind.table))
        if kept == self._kept:
            return True
        try:
            self._tools.book.write(keeping.written(self._mind.table, self._moment()))
            self._kept = kept
        except Superseded:
            self._remark("another watcher has taken over", warning=True)
            self._mind, self._kept = self._mind.forgetting(), None
            return False
        except RolloutError as error:
            self._remark(f"the open alerts could not be kept: {error.message}", warning=True)
        return True

    def _tell(self, news: tuple[News, ...]) -> None:
        if not news:
            return
        tidings = Tidings(news, self._tools.clock.wall(), self._last_words(news))
        for herald in self._tools.heralds:
            herald.tell(tidings)

    def _last_words(self, news: tuple[News, ...]) -> dict[str, tuple[str, ...]]:
        """All at the same time: a node that has gone silent would make each of them wait."""
        speakers = [one.alert for one in news if one.kind in _QUOTED and one.alert.lead.task_id][:LOGS]
        begin = self._tools.background.begin
        asked = {alert.key: begin(partial(self._log, alert.lead.task_id)) for alert in speakers}
        until = self._tools.clock.now() + LOG_SECONDS
        while self._tools.clock.now() < until and any(one.result() is None for one in asked.values()):
            self._tools.clock.sleep(0.02)
        return {key: one.result() or () for key, one in asked.items()}

    def _log(self, task_id: str) -> tuple[str, ...]:
        """What stands in a log by a secret's name is left out: our own output is a log that others read."""
        try:
            lines = self._tools.swarm.logs(task_id, LOG_LINES)
        except RolloutError:
            return ()
        return tuple(without_secrets_of_logs(line[:LONGEST_LINE]) for line in lines)

    def _wake(self) -> float:
        """When there is something to do next."""
        return min(self._next, self._tools.rounds.next_due())

    def _moment(self) -> Moment:
        return Moment(self._tools.clock.now(), self._tools.clock.wall())

    def _remark(self, sentence: str, *, warning: bool = False) -> None:
        for herald in self._tools.heralds:
            herald.remark(sentence, warning=warning)

    def _show(self, **changes: object) -> None:
        self.picture = replace(self.picture, **changes)  # type: ignore[arg-type]
