"""Puts a watcher together. The docker SDK is imported here, so import this late."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rollout import lookup
from rollout.background import Threads
from rollout.cli.ask import configuration, engine_host
from rollout.cli.mending import mend
from rollout.cli.speaker import JsonLines, Lines
from rollout.cli.wishes import Wishes, notify_of, vigil_of
from rollout.clock import SystemClock
from rollout.config import ConfigFile
from rollout.errors import EngineUnavailable
from rollout.metrics.source import Source
from rollout.model import Notify, OnAbandoned, Vigil
from rollout.notify.channels import open_channels
from rollout.notify.heralds import Messenger
from rollout.notify.outbox import Outbox
from rollout.ports import Notifier
from rollout.prober import HttpProber
from rollout.registries import registry_of
from rollout.registry import EngineRegistry
from rollout.state.alertbook import AlertBook
from rollout.state.holder import myself
from rollout.state.tenure import Tenure
from rollout.swarm import EngineStore, EngineSwarm, Patience, reach, reach_in_time
from rollout.swarm.client import Engine
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
from rollout.vigil.watcher import Tools, Watcher

FLUSH = 8.0
"""Seconds that messages have at the end: Docker kills 10 s after it has asked."""
IMPATIENT = 0.0
"""The watcher looks again anyway."""


@dataclass(frozen=True)
class Watch:
    """A watcher that is about to begin."""

    watcher: Watcher
    outbox: Outbox


@dataclass(frozen=True)
class Vigilance:
    """Everything that is known before the first look."""

    vigil: Vigil
    notify: Notify
    channels: tuple[Notifier, ...]
    file: ConfigFile | None
    host: str | None
    swarm: EngineSwarm
    store: EngineStore
    logins: Logins

    def once(self) -> Once:
        """A single judgement."""
        clock = SystemClock()
        sight = Sight(self.swarm, self.store, clock, self.vigil)
        return Once(self.vigil, sight, HttpProber(), Threads(), self.logins, clock)

    def watch(self, *, json: bool) -> Watch:
        """A watcher, listening already where it was told to. Raises UsageError."""
        clock, background = SystemClock(), Threads()
        speaker = JsonLines() if json else Lines()
        outbox = Outbox(self.channels, background, clock)
        scope, holder = Scope(self.vigil.services, self.vigil.labels).key, myself(os.environ)
        onlooker = not self.channels and self.vigil.on_abandoned == OnAbandoned.TELL
        watcher = Watcher(
            Tools(
                vigil=self.vigil,
                swarm=self.swarm,
                clock=clock,
                background=background,
                sight=Sight(self.swarm, self.store, clock, self.vigil),
                rounds=Rounds(self.vigil.probes, HttpProber(), background, clock),
                logins=self.logins,
                post=Unposted(holder) if onlooker else Tenure(self.store, clock, holder, scope),
                book=Blank() if onlooker else AlertBook(self.store, scope),
                chronicle=Chronicle(self.store) if self.vigil.listen else None,
                mender=Mender(self._mend, background, clock),
                heralds=(speaker,),
                courier=Messenger(outbox, lambda said: speaker.remark(said, warning=True)),
                role=Role.ONLOOKER if onlooker else Role.ACTIVE,
            )
        )
        if self.vigil.listen:
            self._listen(watcher, outbox)
        if not self.channels:
            speaker.remark("nobody else is told: set urls in [watch] of rollout.toml, or ROLLOUT_NOTIFY")
        return Watch(watcher, outbox)

    def _listen(self, watcher: Watcher, outbox: Outbox) -> None:
        from rollout.metrics.server import serve

        source = Source(lambda: watcher.picture, lambda: outbox.lanes, SystemClock(), self.vigil.every)
        serve(self.vigil.listen, source)

    def _mend(self, service_id: str) -> str:
        return mend(service_id, self)


Reach: TypeAlias = Callable[[str | None], Engine]


def glance(wishes: Wishes, config: Path | None, host: Sequence[str] | None) -> Vigilance:
    """For one look, by an engine that has to answer. Raises UsageError and what ``reach`` raises."""
    wanted = _vigilance(wishes, config, host, reach)
    _refuse_strangers(wanted, wishes)
    return wanted


def vigilance(wishes: Wishes, config: Path | None, host: Sequence[str] | None) -> Vigilance:
    """For long: an engine that is away is no reason not to begin. Raises UsageError."""
    wanted = _vigilance(wishes, config, host, reach_in_time)
    with suppress(EngineUnavailable):
        _refuse_strangers(wanted, wishes)
    return wanted


def _refuse_strangers(wanted: Vigilance, wishes: Wishes) -> None:
    """A name that was typed and that nobody has is a slip; one in the file may have gone, which is told."""
    for name in wanted.vigil.services if wishes.services else ():
        lookup.find(wanted.swarm.services(), name)


def _vigilance(wishes: Wishes, config: Path | None, host: Sequence[str] | None, way: Reach) -> Vigilance:
    file = configuration(config)
    vigil = vigil_of(wishes, file)
    notify = notify_of(vigil, file)
    channels = open_channels(notify, os.environ)
    where = engine_host(host, file)
    client, patience = way(where), Patience(SystemClock(), IMPATIENT)
    swarm = EngineSwarm(client, patience)
    logins = Logins(EngineRegistry(client, patience), registry_of, Threads(), SystemClock())
    return Vigilance(vigil, notify, channels, file, where, swarm, EngineStore(client, patience), logins)
