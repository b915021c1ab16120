"""A rehearsal stage: a simulated Swarm with a service, and deployments on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from rollout import aborting, at_once, deploy
from rollout.config import Settings
from rollout.config.keys import BY_OPTION
from rollout.events import Event
from rollout.model import HttpProbe, Options, Outcome, Plan, Service, Spec, Task
from rollout.ports import World
from rollout.preparing import Request
from rollout.sim import Behaviour, SimSwarm, world_of
from rollout.state.holder import Holder
from rollout.state.record import CARE
from rollout.targeting import Aim, Release, Restart, Undo
from strategies import blue_green, canary, ramp, rolling

STRATEGIES = {
    "rolling": rolling.plan,
    "ramp": ramp.plan,
    "canary": canary.plan,
    "blue_green": blue_green.plan,
}
PROBE = HttpProbe("http://site/")


@dataclass
class Log:
    """A sink that remembers."""

    events: list[Event] = field(default_factory=list)
    acts: dict[type, Callable[[], None]] = field(default_factory=dict)

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.acts.pop(type(event), lambda: None)()

    def when(self, kind: type, act: Callable[[], None]) -> None:
        """Do it when the first such event comes."""
        self.acts[kind] = act

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


def nobody() -> int | None:
    return None


class Stage:
    """One service on a simulated Swarm, and `rollout deploy` for it."""

    def __init__(self, seed: int = 7) -> None:
        self.swarm = SimSwarm(nodes=3, seed=seed)
        self.log = Log()
        self.swarm.images["app:1"] = Behaviour()
        self.swarm.images["app:2"] = Behaviour()

    def serve(self, replicas: int | None = 4, **more: object) -> Service:
        service = self.swarm.create_service("site", "app:1", replicas, **more)
        self.swarm.prober.routes["site"] = "site"
        return service

    @property
    def world(self) -> World:
        return world_of(self.swarm, self.log)

    @property
    def now(self) -> Service:
        return self.swarm.services()[0]

    def request(self, image: str | None = "app:2", *, force: bool = False, **options: object) -> Request:
        return replace(self.aiming(Release(image, force=force), **options), forced=force)

    def aiming(self, aim: Aim, **options: object) -> Request:
        wished = Options(**({"min_ready": 1.0, "bake": 2.0, "probes": (PROBE,)} | options))

        def ask(_baseline: Spec) -> Settings:
            return Settings(wished, {name: BY_OPTION[name].flag for name in CARE if name in options})

        return Request(self.now, aim, ask, STRATEGIES.__getitem__)

    def plan(self, image: str | None = "app:2", **options: object) -> Plan:
        return deploy.plan(self.request(image, **options), self.world)

    def deploy(
        self,
        image: str | None = "app:2",
        interrupted: Callable[[], int | None] = nobody,
        who: str = "ann@desk",
        **options: object,
    ) -> Outcome:
        return self.carry_out(self.request(image, **options), interrupted, who)

    def carry_out(
        self, request: Request, interrupted: Callable[[], int | None] = nobody, who: str = "ann@desk"
    ) -> Outcome:
        return deploy.deploy(request, self.world, Holder(who), interrupted)

    def undo(self, to: int | None = None, **options: object) -> Outcome:
        return self.carry_out(self.aiming(Undo(to), **options))

    def undo_at_once(self, to: int | None = None, **options: object) -> Outcome:
        request = self.aiming(Undo(to), **options)
        return at_once.undo_at_once(request, self.world, Holder("ann@desk"), nobody)

    def restart(self, **options: object) -> Outcome:
        return self.carry_out(self.aiming(Restart(), **options))

    def resume(self, who: str = "bob@desk", **options: object) -> Outcome:
        return deploy.resume(self.request(None, **options), self.world, Holder(who), nobody)

    def abort(self, who: str = "bob@desk", **options: object) -> Outcome:
        return aborting.abort(self.request(None, **options), self.world, Holder(who), nobody)

    def running(self) -> list[Task]:
        return [task for task in self.swarm.tasks(self.now.id) if task.running]

    def images_running(self) -> set[str]:
        return {
            f"{task.image.repository}:{task.image.tag}"
            for task in self.swarm.tasks(self.now.id)
            if task.wanted and task.running
        }


@pytest.fixture
def stage() -> Stage:
    return Stage()
