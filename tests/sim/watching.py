"""A watcher's post on a simulated Swarm: services, what happens to them, and who is told what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from rollout import deploy
from rollout.config import Settings
from rollout.events import Event
from rollout.model import Image, Message, Options, Outcome, Service, Spec, Vigil
from rollout.notify.heralds import Messenger
from rollout.notify.outbox import Outbox
from rollout.ports import Background, Clock, Notifier, World
from rollout.preparing import Request
from rollout.render.alerts import headline, said
from rollout.render.text import duration
from rollout.sim import Behaviour, SimSwarm, world_of
from rollout.sim.background import AtOnce
from rollout.sim.faults import Killed
from rollout.state.alertbook import AlertBook
from rollout.state.holder import Holder
from rollout.state.lock import Locksmith
from rollout.state.tenure import Tenure
from rollout.targeting import Release
from rollout.vigil.bookkeeper import Blank
from rollout.vigil.chronicle import Chronicle
from rollout.vigil.credentials import Logins
from rollout.vigil.mending import Mender
from rollout.vigil.once import Once
from rollout.vigil.onlooker import Unposted
from rollout.vigil.picture import Role
from rollout.vigil.probing import Rounds
from rollout.vigil.scope import Scope
from rollout.vigil.sight import Sight
from rollout.vigil.tidings import Tidings
from rollout.vigil.watcher import Tools, Watcher
from strategies import rolling


@dataclass(frozen=True)
class Slow:
    """A background in which all takes its time."""

    clock: Clock
    seconds: float

    def begin(self, act: Callable[[], Any]) -> Later:
        return Later(act(), self.clock, self.clock.now() + self.seconds)


@dataclass(frozen=True)
class Later:
    """What will be known then."""

    given: Any
    clock: Clock
    at: float

    def result(self) -> Any:
        return self.given if self.clock.now() >= self.at else None


class Nobody:
    """A sink that nobody looks at."""

    def emit(self, event: Event) -> None:
        """Let it pass."""


@dataclass
class Ear:
    """A herald that remembers."""

    heard: list[Tidings] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def tell(self, tidings: Tidings) -> None:
        self.heard.append(tidings)

    def remark(self, sentence: str, *, warning: bool = False) -> None:
        self.remarks.append(sentence)

    def turn(self) -> None:
        """Nothing is under way."""


@dataclass
class Inbox:
    """A channel that keeps what it gets, or fails."""

    name: str = "Chat"
    error: Exception | None = None
    messages: list[Message] = field(default_factory=list)

    def send(self, message: Message, _seconds: float) -> None:
        if self.error:
            raise self.error
        self.messages.append(message)


class Post:
    """One watcher at a time, on one Swarm."""

    def __init__(self, vigil: Vigil = Vigil(), nodes: int = 3, *channels: Notifier) -> None:  # noqa: B008
        self.swarm = SimSwarm(nodes=nodes, seed=11)
        self.swarm.images["app:1"] = Behaviour()
        self.swarm.images["app:2"] = Behaviour()
        self.vigil = vigil
        self.ear = Ear()
        self.mended: list[str] = []
        self.mend: Callable[[str], str] = self._mended
        self.channels = channels
        self.background: Background = AtOnce()
        self.outbox = Outbox(channels, AtOnce(), self.swarm.clock)
        self.watcher = self.relieve("ann@post")

    def relieve(self, who: str) -> Watcher:
        """Another watcher begins; the one before is not there any more."""
        self.watcher = self.another(who)
        return self.watcher

    def onlooker(self, who: str, ear: Ear) -> Watcher:
        """One who tells nobody, as the command wires it."""
        tools = replace(self._tools(who, ear), post=Unposted(Holder(who)), book=Blank(), role=Role.ONLOOKER)
        return Watcher(tools)

    def another(self, who: str, *ears: Ear) -> Watcher:
        """A second watcher beside the first."""
        return Watcher(self._tools(who, *ears))

    def _tools(self, who: str, *ears: Ear) -> Tools:
        swarm, clock = self.swarm, self.swarm.clock
        self.outbox = Outbox(self.channels, AtOnce(), clock)
        outbox = Outbox((), AtOnce(), clock) if ears else self.outbox
        scope = Scope(self.vigil.services, self.vigil.labels).key
        return Tools(
            vigil=self.vigil,
            swarm=swarm,
            clock=clock,
            background=AtOnce(),
            sight=Sight(swarm, swarm.store, clock, self.vigil),
            rounds=Rounds(self.vigil.probes, swarm.prober, AtOnce(), clock),
            logins=Logins(swarm.registry, _registry_of, self.background, clock),
            post=Tenure(swarm.store, clock, Holder(who), scope),
            book=AlertBook(swarm.store, scope),
            chronicle=Chronicle(swarm.store),
            mender=Mender(self._mend, AtOnce(), clock),
            heralds=ears or (self.ear,),
            courier=Messenger(outbox, self.ear.remark),
        )

    def serve(self, name: str, replicas: int | None = 2, image: str = "app:1", **more: Any) -> Service:
        made = self.swarm.create_service(name, image, replicas, **more)
        self.swarm.prober.routes[name] = name
        return made

    def watch(self, seconds: float, *others: Watcher) -> None:
        """Let so much time pass under the watcher's eyes."""
        end = self.now + seconds
        self.watcher.step()
        self.watcher.run(lambda: self.now >= end or _step(others), tick=1.0)

    def accompany(self, every: float = 1.0) -> None:
        """Have the watcher watch from here on whenever time passes, whoever lets it pass."""

        def step() -> None:
            self.swarm.clock.call_later(every, step)
            self.watcher.step()

        step()

    def deploy(self, name: str, image: str, **options: Any) -> Outcome:
        """A deployment under the watcher's eyes."""
        return deploy.deploy(
            self.request(name, image, **options), self.world, Holder("bob@desk"), lambda: None
        )

    def abandon(self, name: str, image: str, after: float) -> None:
        """A deployment whose process is killed after so many seconds."""
        self.swarm.clock.call_later(after, self.swarm.faults.die)
        with pytest.raises(Killed):
            self.deploy(name, image)
        self.swarm.faults.be_called_anew()

    def once(self) -> list[str]:
        """What a single judgement finds."""
        swarm, clock = self.swarm, self.swarm.clock
        sight = Sight(swarm, swarm.store, clock, self.vigil)
        logins = Logins(swarm.registry, _registry_of, AtOnce(), clock)
        found = Once(self.vigil, sight, swarm.prober, AtOnce(), logins, clock).judge()
        return [said(condition) for condition in found.conditions]

    def hold_lock(self, name: str) -> Callable[[], None]:
        """A deployment of somebody else that goes on and on, until the lock is given back."""
        lease = Locksmith(self.swarm.store, self.swarm.clock, print).acquire(
            self.swarm.service(name).id, name, Holder("bob@desk")
        )
        beating = [True]

        def beat() -> None:
            if beating[0]:
                lease.beat()
                self.swarm.clock.call_later(1.0, beat)

        def release() -> None:
            beating[0] = False
            lease.release()

        beat()
        return release

    def request(self, name: str, image: str | None, **options: Any) -> Request:
        wished = Options(**({"min_ready": 1.0, "bake": 2.0, "prepull": False} | options))

        def ask(_baseline: Spec) -> Settings:
            return Settings(wished, {})

        return Request(self.swarm.service(name), Release(image), ask, lambda _name: rolling.plan)

    @property
    def world(self) -> World:
        return world_of(self.swarm, Nobody())

    def kill(self, name: str) -> None:
        """Kill a running task of a service."""
        running = [task for task in self.swarm.tasks(self.swarm.service(name).id) if task.running]
        self.swarm.crash(running[0].id)

    @property
    def now(self) -> float:
        return self.swarm.clock.now()

    @property
    def said(self) -> list[str]:
        """The headlines so far."""
        return [headline(news) for tidings in self.ear.heard for news in tidings.news]

    @property
    def told(self) -> list[str]:
        """The headlines of what has begun."""
        return [headline(news) for tidings in self.ear.heard for news in tidings.news if news.kind == "alert"]

    @property
    def kinds(self) -> list[str]:
        return [str(news.kind) for tidings in self.ear.heard for news in tidings.news]

    @property
    def times(self) -> list[float]:
        """When each was told, on the simulation's clock."""
        start = self.swarm.clock.wall().timestamp() - self.now
        return [tidings.at.timestamp() - start for tidings in self.ear.heard for _ in tidings.news]

    def lasted(self, number: int) -> str:
        news = [news for tidings in self.ear.heard for news in tidings.news]
        return duration(news[number].lasted)

    def _mend(self, service_id: str) -> str:
        return self.mend(service_id)

    def _mended(self, service_id: str) -> str:
        self.mended.append(service_id)
        return "mended"


def _step(watchers: tuple[Watcher, ...]) -> bool:
    for watcher in watchers:
        watcher.step()
    return False


def _registry_of(image: Image) -> str:
    return image.repository.partition("/")[0]
