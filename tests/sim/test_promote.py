"""`rollout promote`: the word that a manual gate waits for."""

from __future__ import annotations

import pytest

from rollout.cli import wiring
from rollout.cli.run import run
from rollout.errors import ExitCode
from rollout.model import ManualGate, OutcomeKind


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


def test_where_nothing_is_under_way_it_says_so_and_leaves_nothing_behind(connected, capsys):
    connected.serve()
    assert run(["promote", "site"]) == ExitCode.REFUSED
    assert "no deployment of site is under way" in capsys.readouterr().err
    assert connected.swarm.store.find({}) == ()


def test_a_word_from_before_is_about_something_else(connected):
    connected.serve()
    connected.swarm.faults.services.before(1, lambda: run(["promote", "site"]))
    outcome = connected.deploy(gates=(ManualGate(),), deadline=150.0)
    assert outcome.kind == OutcomeKind.HELD
