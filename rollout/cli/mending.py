"""Carries out what the watcher does about an abandoned deployment, over a connection of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rollout.background import Threads
from rollout.cli.ask import request
from rollout.cli.asked import Asked
from rollout.cli.wiring import open_world
from rollout.clock import SystemClock
from rollout.events import Event
from rollout.notify.teller import Teller
from rollout.render.outcome import headline
from rollout.state.holder import myself
from rollout.targeting import Release
from rollout.vigil.mending import attempt

if TYPE_CHECKING:
    from rollout.cli.vigilance import Vigilance


class Unseen:
    """The port ``Sink``: nobody looks at each step of it."""

    def emit(self, event: Event) -> None:
        """Let it pass."""


def mend(service_id: str, wanted: Vigilance) -> str:
    """Abort or resume; those who are told of deployments are told of the end of this one too.

    Raises what the use cases raise: the watcher tells of that when it is not tried again.
    """
    holder = myself(os.environ)
    teller = Teller(wanted.channels, wanted.notify, holder, Threads(), SystemClock())
    world = open_world(wanted.host, teller.hearing(Unseen()))
    name = world.swarm.service(service_id).name
    asked = request(Asked(name, {}), Release(), world.swarm, wanted.file)
    outcome = attempt(wanted.vigil.on_abandoned, asked, world, holder)
    teller.missed()
    return headline(outcome)[0]
