"""`rollout promote`: the word that a manual gate waits for."""

from __future__ import annotations

import json

import pytest

from rollout.cli import wiring
from rollout.cli.run import run
from rollout.errors import ExitCode
from rollout.events import HoldEnded
from rollout.model import Batch, Hold, ManualGate, OutcomeKind
from rollout.sim.faults import Killed
from rollout.state.promotion import Promotions, Word


@pytest.fixture
def connected(stage, monkeypatch: pytest.MonkeyPatch):
    """The stage, with the command line connected to it."""
    monkeypatch.setattr(wiring, "open_stores", lambda _host: (stage.swarm, stage.swarm.store))
    return stage


def test_it_lets_the_deployment_go_on_that_waits(connected, capsys):
    connected.serve()
    said = []
    connected.swarm.clock.call_later(60.0, lambda: said.append(run(["promote", "site"])))
    outcome = connected.deploy(gates=(ManualGate(),))
    assert said == [ExitCode.OK]
    assert "site: promoted" in capsys.readouterr().out
    assert outcome.kind == OutcomeKind.DEPLOYED


def test_with_json_it_is_one_object(connected, capsys):
    connected.serve()
    connected.swarm.clock.call_later(60.0, lambda: run(["promote", "site", "--full", "-o", "json"]))
    connected.deploy(gates=(ManualGate(),))
    done = json.loads(capsys.readouterr().out)
    assert (done["event"], done["service"], done["full"]) == ("promoted", "site", True)
    assert done["sentence"] == "promoted to the end"


def test_a_hold_is_one_object_with_json_too(connected, capsys, monkeypatch):
    connected.serve()
    monkeypatch.setattr("rollout.halting.halt", lambda *_: "the deployment of ann@desk has let go")
    assert run(["hold", "site", "-o", "json"]) == ExitCode.OK
    done = json.loads(capsys.readouterr().out)
    assert (done["event"], done["service"]) == ("halted", "site")
    assert "has let go" in done["sentence"]


def test_where_nothing_is_under_way_it_says_so_and_leaves_nothing_behind(connected, capsys):
    connected.serve()
    assert run(["promote", "site"]) == ExitCode.REFUSED
    assert "no deployment of site is under way" in capsys.readouterr().err
    assert connected.swarm.store.find({}) == ()


def test_a_word_from_before_is_about_something_else(connected):
    connected.serve()
    Promotions(connected.swarm.store, connected.now.id).give("ann@desk", Word.FULLY)
    outcome = connected.deploy(gates=(ManualGate(),), deadline=150.0)
    assert outcome.kind == OutcomeKind.HELD


def test_a_word_given_while_the_step_is_proved_counts_for_the_pause_after_it(connected, capsys):
    connected.serve()
    connected.swarm.clock.call_later(5.0, lambda: run(["promote", "site"]))
    outcome = connected.deploy(strategy="canary", pause=Hold(), prepull=False)
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert "will not stop at its next pause" in capsys.readouterr().out


def test_a_second_word_counts_for_the_second_pause(connected):
    connected.serve()
    for at in (30.0, 32.0):
        connected.swarm.clock.call_later(at, lambda: run(["promote", "site"]))
    stages = (Batch(1), Batch(2))
    assert connected.deploy(strategy="canary", stages=stages, pause=Hold()).kind == OutcomeKind.DEPLOYED
    assert len(connected.log.of(HoldEnded)) == 2


def test_a_word_that_nothing_waited_for_is_not_left_behind(connected):
    connected.serve()
    connected.swarm.clock.call_later(10.0, lambda: run(["promote", "site"]))
    assert connected.deploy().kind == OutcomeKind.DEPLOYED
    assert connected.swarm.store.find({"rollout.kind": "promotion"}) == ()


def test_somebody_who_is_gone_cannot_be_told_to_go_on(connected, capsys):
    connected.serve()
    connected.swarm.clock.call_later(10.0, connected.swarm.faults.die)
    with pytest.raises(Killed):
        connected.deploy()
    connected.swarm.faults.be_called_anew()
    connected.swarm.clock.sleep(40)
    assert run(["promote", "site"]) == ExitCode.REFUSED
    told = capsys.readouterr().err
    assert "not at work" in told
    assert "rollout resume site" in told
