"""Hooks: one-shot tasks before a release, after it, and after its rollback."""

from __future__ import annotations

import pytest

from rollout.errors import exit_code_of
from rollout.events import Note, OneShotEnded, OneShotStarted, RollbackStarted, RolledBack, StepStarted
from rollout.model import CauseKind, OneShot, OutcomeKind
from rollout.oneshot import names
from rollout.sim import Behaviour, command
from rollout.state.record import RecordState, history

MIGRATE = OneShot(("migrate", "--force"))
WARM = OneShot(("warm",))
LOCKED = command(1, "SQLSTATE: database is locked")


def pushed(stage, status: int = 200, **commands: Behaviour) -> None:
    """Push a release with these commands; those that are not named succeed."""
    known = {"migrate": command(0, "3 migrations"), "warm": command(), "undo": command()}
    stage.swarm.images["app:2"] = Behaviour(status=status, commands=known | commands)


def side_services(stage) -> list[str]:
    return [service.name for service in stage.swarm.services() if names.is_side_service(service.spec)]


def states(stage) -> list[RecordState]:
    return [record.state for record in history(stage.swarm.store, stage.now.id)]


def happened(stage) -> list[str]:
    """The commands in their order, between what happened to the service."""
    said = {StepStarted: "step", RollbackStarted: "rollback", RolledBack: "back"}
    return [
        event.command if isinstance(event, OneShotStarted) else said[type(event)]
        for event in stage.log.events
        if isinstance(event, OneShotStarted | StepStarted | RollbackStarted | RolledBack)
    ]


def test_hooks_run_in_their_order_around_the_release(stage):
    stage.serve(2)
    pushed(stage)
    outcome = stage.deploy(before=(MIGRATE, WARM), after=(WARM, MIGRATE), on_rollback=(OneShot(("undo",)),))
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert happened(stage) == ["migrate --force", "warm", "step", "step", "warm", "migrate --force"]
    assert side_services(stage) == []


def test_a_hook_runs_the_new_image_with_the_services_environment(stage):
    stage.serve(TaskTemplate={"ContainerSpec": {"Env": ["DB=db"], "Secrets": [{"SecretName": "password"}]}})
    pushed(stage)
    seen: list[dict] = []

    def look() -> None:
        made = stage.swarm.services()[-1]
        seen.append(made.spec["TaskTemplate"]["ContainerSpec"])

    stage.swarm.faults.births.after(1, look)
    stage.deploy(before=(MIGRATE,), prepull=False)
    (container,) = seen
    assert container["Image"].startswith("app:2@sha256:")
    assert container["Command"] == ["migrate", "--force"]
    assert container["Secrets"] == [{"SecretName": "password"}]
    assert {"DB=db", "ROLLOUT_SERVICE=site", "ROLLOUT_PURPOSE=before"} <= set(container["Env"])


def test_a_before_hook_that_fails_refuses_the_deployment_with_nothing_changed(stage):
    service = stage.serve()
    pushed(stage, migrate=LOCKED)
    outcome = stage.deploy(before=(MIGRATE, WARM), on_rollback=(OneShot(("undo",)),))
    assert outcome.kind == OutcomeKind.REFUSED
    assert exit_code_of(outcome) == 5
    assert outcome.cause.kind == CauseKind.HOOK
    assert "before hook `migrate --force` failed: it ended with exit code 1" in outcome.cause.sentence
    assert outcome.cause.log == ("SQLSTATE: database is locked",)
    assert happened(stage) == ["migrate --force"]
    assert stage.now.version == service.version
    assert side_services(stage) == []
    assert states(stage) == []


def test_a_before_hook_that_fails_keeps_the_smoke_test_from_running(stage):
    stage.serve(TaskTemplate={"Networks": [{"Target": "net"}]})
    pushed(stage, migrate=LOCKED)
    stage.deploy(before=(MIGRATE,), smoke=OneShot(("warm",)))
    assert happened(stage) == ["migrate --force"]


def test_a_hook_has_the_time_that_it_was_given(stage):
    stage.serve()
    pushed(stage, migrate=command(0, seconds=400.0))
    outcome = stage.deploy(before=(OneShot(("migrate",), timeout=300.0),))
    assert outcome.kind == OutcomeKind.REFUSED
    assert "after 300s it was still running" in outcome.cause.sentence
    assert stage.deploy(before=(OneShot(("migrate",), timeout=500.0),)).kind == OutcomeKind.DEPLOYED


def test_the_lock_is_kept_while_a_hook_takes_its_time(stage):
    stage.serve()
    pushed(stage, migrate=command(0, seconds=200.0))
    held: list[int] = []
    clock = stage.swarm.clock
    clock.call_later(150.0, lambda: held.append(len(stage.swarm.store.find({"rollout.kind": "lock"}))))
    before = stage.swarm.faults.entries.count
    clock.call_later(150.0, lambda: held.append(stage.swarm.faults.entries.count - before))
    stage.deploy(before=(MIGRATE,))
    assert held[0] == 1
    assert held[1] >= 25


def test_an_after_hook_that_fails_makes_the_deployment_fail_though_the_release_serves(stage):
    service = stage.serve()
    load = stage.swarm.load(service, rate=60)
    pushed(stage, warm=command(2, "no route to cache"))
    outcome = stage.deploy(after=(WARM, MIGRATE))
    assert outcome.kind == OutcomeKind.FAILED
    assert exit_code_of(outcome) == 1
    assert outcome.cause.kind == CauseKind.HOOK
    assert "the new release serves all the same" in outcome.cause.sentence
    assert outcome.cause.log == ("no route to cache",)
    assert "by hand" in outcome.hint
    assert outcome.replaced == 4
    assert happened(stage)[-1] == "warm"
    assert stage.images_running() == {"app:2"}
    assert load.failed == 0
    assert states(stage) == [RecordState.DEPLOYED]


def test_ctrl_c_during_an_after_hook_ends_it_and_the_release_serves(stage):
    stage.serve()
    pushed(stage, warm=command(0, seconds=100.0))
    signals: list[int] = []
    stage.swarm.faults.births.after(1, lambda: signals.append(2))
    outcome = stage.deploy(after=(WARM,), interrupted=lambda: next(iter(signals), None), prepull=False)
    assert exit_code_of(outcome) == 130
    assert "the new release serves all the same" in outcome.cause.sentence
    assert side_services(stage) == []
    assert stage.images_running() == {"app:2"}


def test_hooks_of_the_rollback_run_when_the_baseline_serves_again(stage):
    stage.serve()
    pushed(stage, status=500)
    outcome = stage.deploy(before=(MIGRATE,), after=(WARM,), on_rollback=(OneShot(("undo",)),))
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert happened(stage) == ["migrate --force", "step", "rollback", "back", "undo"]
    assert stage.images_running() == {"app:1"}
    assert outcome.hint


def test_a_hook_of_the_rollback_that_fails_is_a_warning_and_keeps_no_other_from_running(stage):
    stage.serve()
    pushed(stage, status=500, undo=command(4))
    outcome = stage.deploy(on_rollback=(OneShot(("undo",)), WARM))
    assert outcome.kind == OutcomeKind.ROLLED_BACK
    assert exit_code_of(outcome) == 3
    assert outcome.cause.kind == CauseKind.PROBE
    assert "on_rollback hook `undo` failed: it ended with exit code 4" in outcome.hint
    assert any(note.warning and "`undo` failed" in note.sentence for note in stage.log.of(Note))
    assert [event.error == "" for event in stage.log.of(OneShotEnded)] == [False, True]
    assert states(stage) == [RecordState.ROLLED_BACK]


def test_nothing_runs_where_there_is_nothing_to_do(stage):
    stage.serve()
    hooks = {"before": (MIGRATE,), "after": (WARM,)}
    pushed(stage)
    stage.deploy()
    stage.log.events.clear()
    assert stage.deploy(**hooks).kind == OutcomeKind.UNCHANGED
    assert happened(stage) == []


def test_nothing_runs_for_a_service_without_replicas(stage):
    stage.serve(0)
    pushed(stage)
    assert stage.deploy(before=(MIGRATE,), after=(WARM,)).kind == OutcomeKind.DEPLOYED
    assert happened(stage) == []


@pytest.mark.parametrize("seconds", [1.0, 4.0])
def test_an_engine_that_is_away_during_a_before_hook_leaves_everything_as_it_was(stage, seconds):
    service = stage.serve()
    pushed(stage)
    stage.swarm.faults.births.after(1, lambda: stage.swarm.faults.go_away(seconds))
    outcome = stage.deploy(before=(MIGRATE,), prepull=False)
    assert outcome.kind == OutcomeKind.REFUSED
    assert outcome.cause.kind == CauseKind.HOOK
    stage.swarm.clock.sleep(60)
    assert stage.now.version == service.version
    assert stage.deploy(before=(MIGRATE,)).kind == OutcomeKind.DEPLOYED
    assert side_services(stage) == []
