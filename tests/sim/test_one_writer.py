"""Nothing is written to a service without its lock, whoever is frozen, and wherever."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sim.callers import Caller
from sim.together import Together

from rollout import deploy, spec
from rollout.errors import ExitCode, Locked, exit_code_of
from rollout.model import CauseKind, OutcomeKind
from rollout.state.held import locks
from rollout.state.holder import Holder
from rollout.state.lock import Locksmith
from tests.sim.conftest import Stage, nobody

QUICK = {"prepull": False, "bake": 0.0, "min_ready": 0.0, "probes": ()}
FROZEN = 35.0


def site() -> Stage:
    stage = Stage()
    stage.serve(2)
    return stage


def ann(stage: Stage) -> Caller:
    return Caller(stage.world, stage.now.id)


def deploy_as(caller: Caller, stage: Stage, who: str = "ann@desk"):
    """How it ended: an outcome, or that somebody else has the lock."""
    try:
        return deploy.deploy(stage.request(**QUICK), caller.own_world, Holder(who), nobody)
    except Locked as locked:
        return locked


def taken_over_by_bob(stage: Stage) -> None:
    """The process is frozen, and Bob takes the lock meanwhile and keeps it."""
    stage.swarm.clock.sleep(FROZEN)
    lease = Locksmith(stage.swarm.store, stage.swarm.clock, lambda _said: None).acquire(
        stage.now.id, "site", Holder("bob@desk")
    )

    def beat() -> None:
        lease.prove()
        stage.swarm.clock.call_later(5.0, beat)

    beat()


def calls_in_all() -> list[str]:
    stage = site()
    caller = ann(stage)
    assert deploy_as(caller, stage).kind == OutcomeKind.DEPLOYED
    assert set(caller.writes) == {"ann@desk"}
    return caller.calls


CALLS = calls_in_all()


def points() -> list[tuple[int, str]]:
    """Before and after each call; not where the last thing before a write is over, see below."""
    return [
        (nth, moment)
        for nth, name in enumerate(CALLS, start=1)
        for moment in ("before", "after")
        if (name, moment) != ("update", "before")
    ]


@pytest.mark.parametrize(("nth", "moment"), points())
def test_a_holder_that_was_frozen_past_its_lock_writes_nothing_when_it_wakes_up(nth: int, moment: str):
    stage = site()
    caller = ann(stage)
    getattr(caller, moment)(nth, lambda: taken_over_by_bob(stage))
    outcome = deploy_as(caller, stage)
    assert "bob@desk" not in caller.writes
    assert [lock.who for lock in locks(stage.swarm.store)] == ["bob@desk"]
    if CALLS[nth - 1 :].count("update") > (moment == "after" and CALLS[nth - 1] == "update"):
        code = outcome.exit_code if isinstance(outcome, Locked) else exit_code_of(outcome)
        assert code in {ExitCode.LOCKED, ExitCode.REFUSED, ExitCode.HELD}


def test_frozen_in_the_very_moment_of_writing_it_cannot_write_over_what_another_has_written():
    """No proof can be nearer to a write than this; the version that goes with it is what stops it."""
    stage = site()
    caller = ann(stage)

    def meanwhile() -> None:
        taken_over_by_bob(stage)
        edited = spec.raw(stage.now.spec)
        edited["Labels"] = {"by": "bob"}
        stage.swarm.update(stage.now, edited, None)

    caller.before(CALLS.index("update") + 1, meanwhile)
    outcome = deploy_as(caller, stage)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.HELD, CauseKind.LOCK_LOST)
    assert caller.writes == []
    assert stage.now.spec["Labels"] == {"by": "bob"}


def test_of_deployments_that_run_into_each_other_each_writes_only_while_the_lock_is_its_own():
    """Somebody takes the lock away again and again, so that all of them are at work at the same time."""
    stage = site()
    turns = Together(stage.swarm.clock)
    callers = {
        f"user{number}": Caller(replace(stage.world, clock=turns), stage.now.id) for number in range(4)
    }

    def robbed() -> None:
        for lock in locks(stage.swarm.store):
            lock.release(stage.swarm.store)
        stage.swarm.clock.call_later(0.9, robbed)

    def begin(who: str) -> None:
        for number in range(3):
            stage.swarm.images[f"app:{who}{number}"] = stage.swarm.images["app:1"]
            request = replace(stage.request(f"app:{who}{number}", **QUICK), wait=600.0)
            deploy.deploy(request, callers[who].own_world, Holder(who), nobody)

    stage.swarm.clock.call_later(0.9, robbed)
    turns.run(*(lambda who=who: begin(who) for who in callers))
    assert [who for who, caller in callers.items() if set(caller.writes) - {who}] == []
    assert sum(len(caller.writes) for caller in callers.values()) >= 4
