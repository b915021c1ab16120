"""A registry that takes longer to answer than a lock lasts: nobody takes the service over meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from rollout import aborting, deploy
from rollout.attending import AttendedRegistry
from rollout.errors import Locked, RegistryDenied
from rollout.model import Image, OnFailure, OutcomeKind
from rollout.sim import Behaviour, Health
from rollout.state.holder import Holder
from rollout.state.lock import TTL, Locksmith
from tests.sim.conftest import nobody

SLOW = TTL + 5.0


@dataclass
class Later:
    """Something that is done after a while of virtual time."""

    clock: Any
    act: Any
    due: float

    def result(self) -> Any:
        return self.act() if self.clock.now() >= self.due else None


@dataclass
class Slowly:
    """The port ``Background`` whose work takes its time."""

    clock: Any

    def begin(self, act: Any) -> Later:
        return Later(self.clock, act, self.clock.now() + SLOW)


def slow(stage) -> Any:
    return replace(stage.world, background=Slowly(stage.swarm.clock))


def somebody_tries(stage, refused: list[str]) -> None:
    def take() -> None:
        smith = Locksmith(stage.swarm.store, stage.swarm.clock, print)
        try:
            smith.acquire(stage.now.id, "site", Holder("bob@ci"))
        except Locked as locked:
            refused.append(locked.message)

    stage.swarm.clock.call_later(SLOW - 1.0, take)


def test_the_lock_is_kept_while_a_deployment_waits_for_the_registry(stage):
    stage.serve()
    refused: list[str] = []
    somebody_tries(stage, refused)
    outcome = deploy.deploy(stage.request(), slow(stage), Holder("ann@desk"), nobody)
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert "ann@desk" in refused[0]


def test_and_while_an_abort_does(stage):
    stage.serve()
    stage.swarm.images["app:2"] = Behaviour(health=Health.BAD)
    stage.deploy(on_failure=OnFailure.HOLD)
    refused: list[str] = []
    somebody_tries(stage, refused)
    request = stage.request(None)
    assert aborting.abort(request, slow(stage), Holder("ann@desk"), nobody).kind == OutcomeKind.ABORTED
    assert "ann@desk" in refused[0]


def test_what_the_registry_raises_comes_through(stage):
    class Nobody:
        def beat(self) -> None:
            pass

    stage.swarm.registry.denied.add("app")
    asked = AttendedRegistry(stage.swarm.registry, Slowly(stage.swarm.clock), stage.swarm.clock, Nobody())
    with pytest.raises(RegistryDenied):
        asked.resolve(Image("app", "1"))
