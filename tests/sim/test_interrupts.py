"""Ctrl-C and SIGTERM: hold, or back to the baseline for those who prefer that."""

from __future__ import annotations

import signal

from rollout import spec
from rollout.errors import ExitCode, exit_code_of
from rollout.model import OnInterrupt, OutcomeKind


def stop_at(stage, write: int) -> object:
    """What a deployment hears that is stopped after one of its writes to the service."""
    heard: list[int] = []
    stage.swarm.faults.services.after(write, lambda: heard.append(signal.SIGINT))
    return lambda: heard[0] if heard else None


def test_by_default_it_holds_and_names_the_ways_on(stage):
    stage.serve()
    outcome = stage.deploy(interrupted=stop_at(stage, 2))
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.HELD, ExitCode.SIGINT)
    assert "`rollout resume site` finishes it, `rollout abort site` goes back" in outcome.hint
    assert stage.resume().kind == OutcomeKind.DEPLOYED


def test_a_held_deployment_can_be_taken_back(stage):
    service = stage.serve()
    before, load = stage.now.spec, stage.swarm.load(service, rate=60)
    stage.deploy(interrupted=stop_at(stage, 2))
    outcome = stage.abort()
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.ABORTED, ExitCode.OK)
    assert spec.same(stage.now.spec, before)
    assert load.failed == 0


def test_with_rollback_a_first_ctrl_c_goes_back_and_still_exits_130(stage):
    service = stage.serve()
    before, load = stage.now.spec, stage.swarm.load(service, rate=60)
    outcome = stage.deploy(interrupted=stop_at(stage, 2), on_interrupt=OnInterrupt.ROLLBACK)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.ROLLED_BACK, ExitCode.SIGINT)
    assert spec.same(stage.now.spec, before)
    assert load.failed == 0


def test_with_rollback_nothing_is_rolled_back_that_was_not_touched(stage):
    stage.serve()
    version = stage.now.version
    heard: list[int] = []
    stage.swarm.faults.entries.after(2, lambda: heard.append(signal.SIGTERM))
    outcome = stage.deploy(interrupted=lambda: heard[0] if heard else None, on_interrupt=OnInterrupt.ROLLBACK)
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.REFUSED, ExitCode.SIGTERM)
    assert stage.now.version == version
