"""`rollout hold` says what came of it: what stands still now, or that it came too late."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rollout import deploy, halting
from rollout.errors import RolloutError
from rollout.events import HoldStarted
from rollout.model import Hold, OneShot, OutcomeKind
from rollout.sim import Behaviour, command
from rollout.sim.faults import Killed
from rollout.state.halt import Halts
from rollout.state.holder import Holder
from tests.sim.together import Together

NETWORK = {"TaskTemplate": {"Networks": [{"Target": "net"}]}}


def race(stage, at: float, **care) -> tuple[object, str]:
    """How the deployment ended, and what whoever asked for a hold at that moment was told."""
    service, clock = stage.now, Together(stage.swarm.clock)
    world, told = replace(stage.world, clock=clock), {}

    def deploys() -> None:
        told["end"] = deploy.deploy(stage.request(**care), world, Holder("ann@desk"), lambda: None)

    def holds() -> None:
        clock.sleep(at)
        try:
            told["hold"] = halting.halt(service, stage.swarm, stage.swarm.store, clock, Holder("bob@desk"))
        except RolloutError as error:
            told["hold"] = f"{error.exit_code}: {error.message}; {error.hint}"

    clock.run(deploys, holds)
    return told["end"], told["hold"]


def test_in_time_it_says_how_to_go_on(stage):
    stage.serve(4)
    outcome, told = race(stage, 8.0)
    assert outcome.kind == OutcomeKind.HELD
    assert "ann@desk has let go" in told
    assert "`rollout resume site`" in told


def test_before_anything_was_touched_there_is_nothing_to_go_on_with(stage):
    stage.serve(4)
    outcome, told = race(stage, 0.5)
    assert outcome.kind == OutcomeKind.REFUSED
    assert told == "the deployment of ann@desk has let go before it touched anything"


def test_where_it_is_rolled_back_already_that_is_said(stage):
    stage.serve(4)
    stage.swarm.images["app:2"] = Behaviour(crash_after=2.0)
    outcome, told = race(stage, 5.5, prepull=False)
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert told.startswith("5: too late")
    assert "rolled back" in told


def test_in_a_hook_after_the_last_step_the_release_is_in_place_and_the_hints_know_it(stage):
    stage.swarm.images["app:2"] = Behaviour(commands={"warm": command(0, seconds=30.0)})
    stage.serve(4, **NETWORK)
    after = (OneShot(("warm",), timeout=60.0),)
    outcome, told = race(stage, 32.0, after=after, prepull=False, bake=0.0)
    assert outcome.kind == OutcomeKind.FAILED, outcome
    assert "rollout abort" not in outcome.hint
    assert "app:1" in outcome.hint
    assert told.startswith("5: too late")
    assert "deployed" in told


def test_somebody_who_is_gone_is_not_waited_for(stage):
    stage.serve(4)
    stage.log.when(HoldStarted, stage.swarm.faults.die)
    with pytest.raises(Killed):
        stage.deploy(strategy="canary", pause=Hold())
    stage.swarm.faults.be_called_anew()
    stage.swarm.clock.sleep(40)
    began = stage.swarm.clock.now()
    with pytest.raises(RolloutError) as refused:
        halting.halt(stage.now, stage.swarm, stage.swarm.store, stage.swarm.clock, Holder("bob@desk"))
    assert stage.swarm.clock.now() == began
    assert "not at work" in refused.value.message
    assert "rollout resume site" in refused.value.hint
    assert Halts(stage.swarm.store, stage.now.id).take() == ""
