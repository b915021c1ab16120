"""The records of deployments: true whoever wakes up late, never in the way, and as many as are wanted."""

from __future__ import annotations

import signal
from datetime import timedelta

import pytest

from rollout import revisions
from rollout.at_once import undo_at_once
from rollout.errors import OutcomeUnknown, Refused, exit_code_of
from rollout.events import OneShotStarted, PullStarted
from rollout.model import CauseKind, Image, OneShot, OutcomeKind, PlanKind
from rollout.sim import Behaviour, command, kill
from rollout.sim.faults import Killed
from rollout.state.holder import Holder
from rollout.state.record import history, interrupted
from rollout.targeting import Undo

QUICK = {"prepull": False, "bake": 0.0, "min_ready": 0.0}


def told(stage) -> list[tuple[int, str]]:
    return [(record.revision, str(record.state)) for record in history(stage.swarm.store, stage.now.id)]


@pytest.fixture
def site(stage):
    stage.serve(4)
    stage.swarm.images["app:3"] = Behaviour()
    return stage


def freeze_at_the_record(stage, meanwhile) -> None:
    """The process is frozen past its lock when it is about to open its record."""
    create = stage.swarm.store.create

    def late(name, data, labels):
        if labels["rollout.kind"] == "record":
            stage.swarm.store.create = create
            stage.swarm.clock.sleep(35)
            meanwhile()
        return create(name, data, labels)

    stage.swarm.store.create = late


def deploy_and_die(stage, image: str, who: str = "ann@desk", write: int = 2) -> None:
    writes = stage.swarm.faults.services
    writes.after(writes.count + write, kill)
    with pytest.raises(Killed):
        stage.deploy(image, who=who, **QUICK)


def test_one_that_wakes_up_late_leaves_the_end_that_others_have_given_its_record(site):
    ends = []

    def freeze() -> None:
        site.swarm.clock.sleep(35)
        ends.append(site.deploy("app:3", who="bob@desk", **QUICK).kind)

    site.swarm.clock.call_later(4.0, freeze)
    outcome = site.deploy(prepull=False)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.HELD, CauseKind.LOCK_LOST)
    assert ends == [OutcomeKind.DEPLOYED]
    assert told(site) == [(1, "rolled back"), (2, "deployed")]


def test_one_that_wakes_up_late_opens_no_record_over_that_of_its_successor(site):
    freeze_at_the_record(site, lambda: deploy_and_die(site, "app:3", "bob@desk"))
    outcome = site.deploy(**QUICK)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.REFUSED, CauseKind.LOCK_LOST)
    assert interrupted(history(site.swarm.store, site.now.id), site.now) is not None
    assert site.abort().kind == OutcomeKind.ABORTED
    assert site.images_running() == {"app:1"}


def test_nor_does_one_that_had_taken_over_an_unfinished_deployment(site):
    deploy_and_die(site, "app:2")
    site.swarm.clock.sleep(60)
    two_to_go_back = 2
    freeze_at_the_record(site, lambda: deploy_and_die(site, "app:3", "bob@desk", write=two_to_go_back + 2))
    assert site.deploy(**QUICK).cause.kind == CauseKind.LOCK_LOST
    assert told(site) == [(1, "rolled back"), (2, "running")]
    assert site.abort().kind == OutcomeKind.ABORTED
    assert site.images_running() == {"app:1"}


@pytest.mark.parametrize("landed", [True, False])
def test_a_record_that_cannot_be_removed_changes_nothing(site, landed):
    for number in range(3):
        site.deploy(f"app:{2 + number % 2}", keep=3, **QUICK)
    remove = site.swarm.store.remove

    def cut(entry):
        if entry.labels["rollout.kind"] == "record":
            if landed:
                remove(entry)
            raise OutcomeUnknown("the connection broke")
        remove(entry)

    site.swarm.store.remove = cut
    assert site.deploy("app:1", keep=3, **QUICK).kind == OutcomeKind.DEPLOYED
    assert told(site)[-1] == (4, "deployed")


def test_so_many_stay_on_record_as_are_wanted_and_the_oldest_go(site):
    for number in range(5):
        site.deploy(f"app:{2 + number % 2}", keep=3, **QUICK)
    assert told(site) == [(3, "deployed"), (4, "deployed"), (5, "deployed")]


def test_one_that_was_stopped_before_its_first_write_costs_no_record(site):
    for number in range(3):
        site.deploy(f"app:{2 + number % 2}", keep=3, **QUICK)
    before, heard = told(site), []
    entries = site.swarm.faults.entries
    entries.after(entries.count + 2, lambda: heard.append(signal.SIGINT))
    outcome = site.deploy("app:1", interrupted=lambda: heard[0] if heard else None, keep=3, **QUICK)
    assert exit_code_of(outcome) == 130
    assert told(site) == before


def test_the_last_one_that_was_deployed_stays_whatever_came_after_it(site):
    site.deploy(keep=1, **QUICK)
    site.swarm.images["app:4"] = Behaviour(status=500)
    for _ in range(3):
        assert site.deploy("app:4", keep=1, **QUICK).kind == OutcomeKind.ROLLED_BACK
    assert told(site) == [(1, "deployed"), (4, "rolled back")]
    assert site.undo(keep=1, **QUICK).kind == OutcomeKind.DEPLOYED
    assert site.images_running() == {"app:1"}


def test_one_that_is_open_still_is_not_removed(site):
    """Its end could not be written, because the engine was away for good."""
    site.swarm.faults.services.after(2, lambda: site.swarm.faults.go_away(10_000))
    assert site.deploy(keep=1, **QUICK).kind == OutcomeKind.HELD
    site.swarm.clock.sleep(10_000)
    assert site.abort().kind == OutcomeKind.ABORTED
    assert told(site) == [(1, "rolled back")]


def test_the_time_of_every_step_is_on_record(site):
    outcome = site.deploy(**QUICK)
    (revision,) = revisions.of_service(site.swarm, site.swarm.store, site.now)
    assert [passage.upto for passage in revision.passages] == [1, 2, 3, 4]
    times = [time for passage in revision.passages for time in (passage.began, passage.ended)]
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] <= outcome.seconds


def test_of_a_deployment_that_was_killed_the_steps_that_passed_are_on_record(site):
    deploy_and_die(site, "app:2")
    (revision,) = revisions.of_service(site.swarm, site.swarm.store, site.now)
    assert [(passage.upto, passage.ended is not None) for passage in revision.passages] == [(1, True)]


def test_of_a_bad_release_the_step_that_did_not_pass_is_told(site):
    site.swarm.images["app:4"] = Behaviour(status=500)
    site.deploy("app:4", **QUICK)
    (revision,) = revisions.of_service(site.swarm, site.swarm.store, site.now)
    assert [(passage.upto, passage.ended) for passage in revision.passages] == [(1, None)]


@pytest.mark.parametrize("lost", ["request", "reply"])
def test_a_step_that_cannot_be_written_down_fails_nothing(site, lost):
    site.deploy("app:3", **QUICK)
    relabel = site.swarm.store.relabel

    def cut(entry, labels):
        if "rollout.steps" not in labels or "rollout.outcome" in labels:
            return relabel(entry, labels)
        if lost == "reply":
            relabel(entry, labels)
        raise OutcomeUnknown("the connection broke")

    site.swarm.store.relabel = cut
    assert site.deploy(**QUICK).kind == OutcomeKind.DEPLOYED
    assert told(site)[-1] == (2, "deployed")


def test_what_is_kept_of_a_service_that_is_gone_goes_after_a_week(site):
    site.deploy(**QUICK)
    old = site.now
    site.swarm.remove(old.id)
    site.serve(1)
    site.deploy(**QUICK)
    assert len(history(site.swarm.store, old.id)) == 1
    site.swarm.clock.sleep(timedelta(days=8).total_seconds())
    site.deploy("app:3", **QUICK)
    assert history(site.swarm.store, old.id) == ()
    assert told(site) == [(1, "deployed"), (2, "deployed")]


def test_what_is_kept_of_a_service_that_is_there_stays_however_old_it_is(site):
    site.deploy(**QUICK)
    site.swarm.clock.sleep(timedelta(days=400).total_seconds())
    site.deploy("app:3", **QUICK)
    assert told(site) == [(1, "deployed"), (2, "deployed")]


def too_large(stage) -> None:
    pinned = str(stage.swarm.registry.resolve(Image("app", "1")))
    big = {"ContainerSpec": {"Image": pinned, "Env": ["BIG=" + "x" * 260_000]}}
    stage.serve(1, TaskTemplate=big)


def test_a_spec_that_no_record_can_hold_is_refused_before_any_hook_runs(stage):
    too_large(stage)
    stage.swarm.images["app:2"] = Behaviour(commands={"migrate": command(0)})
    version = stage.now.version
    with pytest.raises(Refused, match="too large to be recorded") as refused:
        stage.deploy(before=(OneShot(("migrate",)),))
    assert "into configs or files" in refused.value.hint
    assert stage.log.of(OneShotStarted) == stage.log.of(PullStarted) == []
    assert stage.now.version == version


def test_the_plan_tells_it_too_but_not_where_there_is_nothing_to_do(stage):
    too_large(stage)
    with pytest.raises(Refused, match="too large to be recorded"):
        stage.plan()
    assert stage.plan("app:1").kind == PlanKind.UNCHANGED


def test_an_undo_at_once_that_wakes_up_late_writes_nothing_and_leaves_no_record(site):
    site.deploy(**QUICK)
    freeze_at_the_record(site, lambda: site.deploy("app:3", who="bob@desk", **QUICK))
    outcome = undo_at_once(site.aiming(Undo(), **QUICK), site.world, Holder("ann@desk"), lambda: None)
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.REFUSED, CauseKind.LOCK_LOST)
    assert told(site) == [(1, "deployed"), (2, "deployed")]
    assert site.images_running() == {"app:3"}
