"""The watcher's loop: looks, thinks, keeps what is open in the Swarm, tells. Only its owner ends it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from rollout.errors import RolloutError
from rollout.model import Concern, News, OnAbandoned, Vigil
from rollout.ports import Background, Clock, Swarm
from rollout.vigil.bookkeeper import Book, Bookkeeper, Kept
from rollout.vigil.chronicle import Chronicle
from rollout.vigil.credentials import Logins
from rollout.vigil.keeping import Page
from rollout.vigil.lastwords import last_words
from rollout.vigil.mending import Mended, Mender, complaint
from rollout.vigil.mind import Mind
from rollout.vigil.onlooker import Post
from rollout.vigil.picture import Picture, Role
from rollout.vigil.probing import Rounds
from rollout.vigil.rules.case import plural
from rollout.vigil.sight import Sight
from rollout.vigil.survey import Survey
from rollout.vigil.tidings import Courier, Herald, Tidings

TICK = 0.25
"""Seconds between two looks at what is under way: messages, probes, signals."""
SOON = 0.05
"""Seconds: an alert that is due is looked at then, and not with the next look only."""
_LOGINS = frozenset({Concern.LOGIN})


@dataclass(frozen=True)
class Tools:
    """What a watcher works with; ``role`` is what it is while it has its post."""

    vigil: Vigil
    swarm: Swarm
    clock: Clock
    background: Background
    sight: Sight
    rounds: Rounds
    logins: Logins
    post: Post
    book: Book
    chronicle: Chronicle | None
    mender: Mender
    heralds: Sequence[Herald]
    courier: Courier
    role: Role = Role.ACTIVE


class Watcher:
    """One life of the watcher."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._mind = Mind(tools.vigil)
        self._books = Bookkeeper(tools.book, tools.clock, partial(self._remark, warning=True))
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
        for mended in self._tools.mender.turn():
            self._say_what_came_of(mended)
        self._tools.courier.turn()
        if self._books.due(self._page):
            self._guarded(self._keep)
        if changed or self._tools.clock.now() >= self._next:
            self._turn()
        self._show(turned=self._tools.clock.now(), probes=self._tools.rounds.streaks())

    def close(self) -> None:
        """Give the post back; the alerts, and who is still to be told, stay in the Swarm for the next one."""
        if self._books.due(self._page):
            self._guarded(self._keep)
        try:
            self._tools.post.leave()
        except RolloutError as error:
            self._remark(f"the next watcher has to wait for a minute: {error.message}", warning=True)

    def _turn(self) -> None:
        """One look, and what follows from it."""
        self._guarded(lambda: self._watch() if self._tools.post.hold() else self._stand_by())
        now = self._tools.clock.now()
        self._next = min(now + self._tools.vigil.every, max(now + SOON, self._mind.next_due()))

    def _guarded(self, act: Callable[[], object]) -> None:
        try:
            act()
        except RolloutError as error:
            self._be_blind(error.message)
        except Exception as error:  # a mistake of ours ends one look, and not the watch
            self._be_blind(f"something unforeseen happened: {type(error).__name__}: {error}")

    def _watch(self) -> None:
        if not self._books.begun:
            self._take_over()
        survey = self._look()
        crowded = self._mind.tempo.crowded(survey.at)
        self._mind, news = self._mind.after(survey)
        self._show(survey=survey, looked=self._tools.clock.wall().timestamp(), looks=self.picture.looks + 1)
        self._see_again()
        mending = self._choose_what_to_mend()
        tidings = replace(self._tidings(news), crowded=crowded)
        self._tools.courier.take(tidings)
        if self._keep():
            self._tell(tidings)
            for service_id in mending:
                self._tools.mender.begin(service_id)
        self._show(mind=self._mind)
        self._chronicle(survey)

    def _look(self) -> Survey:
        survey = self._tools.sight.look()
        logins = self._tools.logins.turn(one.service for one in survey.standings)
        blind_to = frozenset() if self._tools.logins.known else _LOGINS
        return replace(survey, probes=self._tools.rounds.streaks(), logins=logins, blind_to=blind_to)

    def _take_over(self) -> None:
        """Begin with what the watcher before has told of."""
        page = self._books.open(self._mind.manner)
        known = page.alerts
        self._mind = self._mind.forgetting().remembering(known)
        self._tools.courier.take_up(page.owed)
        leads = [alert.lead for alert in known.values()]
        self._tools.rounds.believe(frozenset(lead.subject for lead in leads if lead.concern == Concern.PROBE))
        self._show(role=self._tools.role)
        verb = "is" if len(known) == 1 else "are"
        open_ones = f"; {plural(len(known), 'alert')} {verb} open" if known else ""
        self._remark(f"watching every {self._tools.vigil.every:g}s{open_ones}")

    def _stand_by(self) -> None:
        if self.picture.role != Role.STANDBY:
            self._remark(f"standing by: {self._tools.post.holder_name() or 'somebody'} is watching already")
        if self._books.begun:
            self._give_way()
        self._mind, news = self._mind.forgetting().sighted(self._tools.clock.now())
        self._show(role=Role.STANDBY, survey=None, mind=self._mind)
        self._see_again()
        self._tell_at_once(news)

    def _be_blind(self, sentence: str) -> None:
        """The engine is away, or has no leader: it is tried again with the next look.

        Whoever stands by tells of it as well: nobody can ask whether the other one still can.
        """
        if not self.picture.trouble:
            self._remark(f"{sentence}; trying again every {self._tools.vigil.every:g}s", warning=True)
        self._show(trouble=sentence, failures=self.picture.failures + 1)
        who = self._tools.post.holder.who
        self._mind, news = self._mind.blind(self._tools.clock.now(), sentence, who)
        self._tell_at_once(news)
        self._show(mind=self._mind)

    def _see_again(self) -> None:
        if self.picture.trouble:
            self._remark("the Swarm answers again")
            self._show(trouble="")

    def _chronicle(self, survey: Survey) -> None:
        """Only where somebody asks for the figures: without them the watch goes on."""
        if self._tools.chronicle is None:
            return
        with suppress(RolloutError):  # what could not be read is read with the next look
            self._tools.chronicle.turn(survey.standings)
        self._show(tallies=self._tools.chronicle.tallies)

    def _choose_what_to_mend(self) -> tuple[str, ...]:
        if self._tools.vigil.on_abandoned == OnAbandoned.TELL:
            return ()
        chosen = self._mind.to_mend()[: self._tools.mender.free]
        self._mind = self._mind.acting_on(frozenset(alert.key for alert in chosen))
        return tuple(alert.lead.subject for alert in chosen)

    @property
    def _page(self) -> Page:
        return Page(self._mind.table, self._tools.courier.owed())

    def _keep(self) -> bool:
        """Keep what is open, before it is told; whether it is for us to tell.

        A Swarm that cannot be written to does not keep anybody from being told: it is kept later.
        """
        if self._books.keep(self._page) != Kept.SUPERSEDED:
            return True
        self._remark("another watcher has taken over", warning=True)
        self._give_way()
        return False

    def _give_way(self) -> None:
        """What is open, and who is still to be told, is for the other one now: it stands in the book."""
        self._books.close()
        self._mind = self._mind.forgetting()
        self._tools.courier.forget()

    def _tidings(self, news: tuple[News, ...]) -> Tidings:
        words = last_words(news, self._tools.swarm, self._tools.background, self._tools.clock)
        return Tidings(news, self._tools.clock.wall(), words)

    def _tell_at_once(self, news: tuple[News, ...]) -> None:
        """What cannot be kept before."""
        tidings = self._tidings(news)
        self._tools.courier.take(tidings)
        self._tell(tidings)

    def _tell(self, tidings: Tidings) -> None:
        if tidings.news:
            for herald in self._tools.heralds:
                herald.tell(tidings)
        self._tools.courier.turn()

    def _say_what_came_of(self, mended: Mended) -> None:
        if not mended.error:
            self._remark(mended.said)
            return
        alert = self._mind.table.get(f"{Concern.DEPLOYMENT}/{mended.service_id}")
        name = alert.lead.name if alert else mended.service_id
        message = complaint(mended, name, self._tools.clock.wall())
        self._tools.courier.take_message(message)
        self._remark(f"{message.title}: {dict(message.facts)['why']}", warning=True)

    def _wake(self) -> float:
        """When there is something to do next."""
        return min(self._next, self._tools.rounds.next_due())

    def _remark(self, sentence: str, *, warning: bool = False) -> None:
        for herald in self._tools.heralds:
            herald.remark(sentence, warning=warning)

    def _show(self, **changes: object) -> None:
        self.picture = replace(self.picture, **changes)  # type: ignore[arg-type]
