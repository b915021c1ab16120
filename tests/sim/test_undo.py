"""`rollout undo` and `rollout restart`: a recorded spec, or the present one, through the same gates."""

from __future__ import annotations

from contextlib import suppress

import pytest

from rollout import deploy, pacing, spec
from rollout.errors import ImageNotFound, Refused
from rollout.events import Planned
from rollout.model import OutcomeKind, PlanKind
from rollout.sim import Behaviour, kill
from rollout.sim.faults import Killed
from rollout.state.record import RecordState, history
from rollout.targeting import Undo


def edit(stage, *, environment: str, label: str, replicas: int | None = None) -> None:
    """What a `docker service update` or a stack deploy changes beside the image."""
    edited = spec.raw(stage.now.spec)
    edited["TaskTemplate"]["ContainerSpec"]["Env"] = [f"MODE={environment}"]
    edited["Labels"] = {"team": label}
    if replicas is not None:
        edited["Mode"] = {"Replicated": {"Replicas": replicas}}
    stage.swarm.update(stage.now, edited, None)
    stage.swarm.clock.sleep(120)


def environment(stage) -> list[str]:
    return spec.container(stage.now.spec).get("Env") or []


def same_but_for_replicas(one, other) -> bool:
    return spec.same({**one, "Mode": {}}, {**other, "Mode": {}})


def release(stage, number: int, **behaviour: object) -> OutcomeKind:
    stage.swarm.images[f"app:{number}"] = Behaviour(**behaviour)
    return stage.deploy(f"app:{number}").kind


def test_it_goes_back_to_what_was_in_force_before_the_last_deployment(stage):
    stage.serve()
    release(stage, 2)
    before = stage.now.spec
    release(stage, 3)
    assert stage.undo().kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:2"}
    assert spec.same(stage.now.spec, before)


def test_it_loses_no_request(stage):
    service = stage.serve()
    release(stage, 2)
    load = stage.swarm.load(service, rate=60)
    stage.undo()
    assert load.failed == 0
    assert stage.images_running() == {"app:1"}


def test_after_twelve_deployments_it_goes_back_three_revisions_environment_and_labels_included(stage):
    stage.serve()
    for number in range(2, 10):
        release(stage, number)
    edit(stage, environment="old", label="red")
    release(stage, 10)
    ninth = stage.now.spec
    edit(stage, environment="new", label="blue")
    for number in (11, 12, 13):
        release(stage, number)
    assert history(stage.swarm.store, stage.now.id)[-1].revision == 12
    assert stage.undo(to=9).kind == OutcomeKind.DEPLOYED
    assert stage.images_running() == {"app:10"}
    assert environment(stage) == ["MODE=old"]
    assert spec.labels(stage.now.spec) == {"team": "red"}
    assert spec.same(stage.now.spec, ninth)


def test_what_was_scaled_meanwhile_stays_so(stage):
    stage.serve(4)
    release(stage, 2)
    before = stage.now.spec
    release(stage, 3)
    edit(stage, environment="new", label="blue", replicas=6)
    stage.undo()
    assert spec.replicas(stage.now.spec) == 6
    assert same_but_for_replicas(stage.now.spec, before)


def test_a_deployment_that_was_rolled_back_is_passed_over(stage):
    stage.serve()
    release(stage, 2)
    assert release(stage, 3, status=500) == OutcomeKind.ROLLED_BACK
    stage.undo()
    assert stage.images_running() == {"app:1"}


def test_undoing_twice_is_where_one_began(stage):
    stage.serve()
    release(stage, 2)
    stage.undo()
    stage.undo()
    assert stage.images_running() == {"app:2"}


def test_an_unfinished_deployment_is_what_is_undone(stage):
    stage.serve()
    release(stage, 2)
    before = stage.now.spec
    writes = stage.swarm.faults.services
    writes.after(writes.count + 2, kill)
    with pytest.raises(Killed):
        release(stage, 3)
    stage.swarm.clock.sleep(60)
    assert stage.undo().kind == OutcomeKind.ABORTED
    assert stage.images_running() == {"app:2"}
    assert spec.same(stage.now.spec, before)


def test_a_recorded_release_that_has_turned_bad_is_taken_back_like_any_other(stage):
    stage.serve()
    release(stage, 2)
    stage.swarm.images["app:1"] = Behaviour(status=500)
    assert stage.undo().kind == OutcomeKind.ROLLED_BACK
    assert stage.images_running() == {"app:2"}


def test_its_plan_shows_what_would_change_and_touches_nothing(stage):
    stage.serve()
    release(stage, 2)
    edit(stage, environment="new", label="blue")
    version = stage.now.version
    plan = deploy.plan(stage.aiming(Undo()), stage.world)
    assert {change.path for change in plan.changes} >= {"Labels.team", "TaskTemplate.ContainerSpec.Env.MODE"}
    assert stage.now.version == version


def test_to_what_is_there_already_is_nothing_to_do(stage):
    stage.serve()
    release(stage, 2)
    assert deploy.plan(stage.aiming(Undo(1)), stage.world).kind == PlanKind.UNCHANGED


def test_without_a_deployment_there_is_nothing_to_go_back_to(stage):
    stage.serve()
    with pytest.raises(Refused, match="nothing to go back to") as refused:
        stage.undo()
    assert "rollout deploy site --tag" in refused.value.hint


def test_a_revision_that_is_not_on_record_is_refused_with_where_to_look(stage):
    stage.serve()
    release(stage, 2)
    with pytest.raises(Refused, match="revision 7 of site is not on record") as refused:
        stage.undo(to=7)
    assert "rollout history site" in refused.value.hint


def test_a_revision_that_was_taken_back_is_no_place_to_go_to(stage):
    stage.serve()
    release(stage, 2)
    release(stage, 3, status=500)
    with pytest.raises(Refused, match="revision 2 of site was never fully in force: it is rolled back"):
        stage.undo(to=2)


def test_an_image_that_is_gone_from_the_registry_is_refused_before_anything_is_touched(stage):
    stage.serve()
    release(stage, 2)
    release(stage, 3)
    version = stage.now.version
    del stage.swarm.images["app:2"]
    with pytest.raises(ImageNotFound):
        stage.undo()
    assert stage.now.version == version


class TestFast:
    """`undo --fast`: the site is broken, and somebody wants it back now."""

    def test_it_goes_back_at_once_though_every_page_fails(self, stage):
        stage.serve()
        before = stage.now.spec
        stage.swarm.images["app:2"] = Behaviour(status=500)
        stage.deploy(probes=())
        with pytest.raises(Refused, match="already fails") as refused:
            stage.undo()
        assert "`rollout undo site --fast` goes back at once" in refused.value.hint
        outcome = stage.undo_at_once()
        assert (outcome.kind, outcome.replaced) == (OutcomeKind.DEPLOYED, 4)
        assert stage.images_running() == {"app:1"}
        assert spec.same(stage.now.spec, before)

    def test_it_is_one_write_and_one_more_that_ends_it(self, stage):
        stage.serve()
        release(stage, 2)
        writes = stage.swarm.faults.services.count
        stage.undo_at_once()
        assert stage.swarm.faults.services.count == writes + 2

    def test_it_loses_no_request_where_what_runs_is_good(self, stage):
        service = stage.serve()
        release(stage, 2)
        load = stage.swarm.load(service, rate=60)
        stage.undo_at_once()
        assert load.failed == 0

    def test_it_needs_no_registry(self, stage):
        stage.serve()
        release(stage, 2)
        stage.swarm.registry.go_away(3600)
        assert stage.undo_at_once().kind == OutcomeKind.DEPLOYED

    def test_it_is_on_record_and_can_be_undone(self, stage):
        stage.serve()
        release(stage, 2)
        stage.undo_at_once()
        assert [str(one.state) for one in history(stage.swarm.store, stage.now.id)] == ["deployed"] * 2
        stage.undo()
        assert stage.images_running() == {"app:2"}

    def test_from_a_deployment_that_was_cut_off_it_goes_back_too(self, stage):
        stage.serve()
        before = stage.now.spec
        stage.swarm.faults.services.after(2, kill)
        with pytest.raises(Killed):
            stage.deploy()
        stage.swarm.clock.sleep(40)
        assert stage.undo_at_once().kind == OutcomeKind.DEPLOYED
        assert stage.images_running() == {"app:1"}
        assert spec.same(stage.now.spec, before)

    @pytest.mark.parametrize("write", range(1, 7))
    def test_killed_anywhere_it_is_finished_by_resume(self, stage, write):
        stage.serve()
        before = stage.now.spec
        release(stage, 2)
        faults = stage.swarm.faults
        faults.all.after(faults.all.count + write, faults.die)
        with suppress(Killed):
            stage.undo_at_once()
        faults.be_called_anew()
        stage.swarm.clock.sleep(40)
        written = spec.image(stage.now.spec).tag == "1"
        if pacing.is_paced(stage.now.spec):
            assert stage.resume().kind == OutcomeKind.ABORTED
            assert history(stage.swarm.store, stage.now.id)[-1].state == RecordState.DEPLOYED
        assert stage.images_running() == ({"app:1"} if written else {"app:2"})
        assert spec.same(stage.now.spec, before) == written
        assert not pacing.is_paced(stage.now.spec)

    @pytest.mark.parametrize("again", ["undo_at_once", "undo", "abort", "resume"])
    def test_cut_off_after_its_write_every_way_on_leads_where_it_was_going(self, stage, again):
        stage.serve()
        before = stage.now.spec
        release(stage, 2)
        faults = stage.swarm.faults
        faults.services.after(faults.services.count + 1, faults.die)
        with suppress(Killed):
            stage.undo_at_once()
        faults.be_called_anew()
        stage.swarm.clock.sleep(40)
        getattr(stage, again)()
        assert stage.images_running() == {"app:1"}
        assert spec.same(stage.now.spec, before)

    def test_a_release_that_follows_one_that_was_cut_off_begins_from_where_that_was_going(self, stage):
        stage.swarm.images["app:3"] = Behaviour(status=500)
        stage.serve()
        before = stage.now.spec
        release(stage, 2)
        faults = stage.swarm.faults
        faults.services.after(faults.services.count + 1, faults.die)
        with suppress(Killed):
            stage.undo_at_once()
        faults.be_called_anew()
        stage.swarm.clock.sleep(40)
        assert stage.deploy("app:3").kind == OutcomeKind.ROLLED_BACK
        assert spec.same(stage.now.spec, before)

    @pytest.mark.parametrize("again", ["undo_at_once", "abort"])
    def test_a_spec_that_does_not_come_up_is_told_loudly_and_tried_again(self, stage, again):
        stage.serve()
        release(stage, 2)
        stage.swarm.images["app:1"] = Behaviour(start_seconds=30)
        outcome = stage.undo_at_once(rollback_timeout=10.0)
        assert outcome.kind == OutcomeKind.FAILED
        assert "did not succeed" in outcome.cause.sentence
        assert "`rollout abort site` tries the way back again" in outcome.hint
        with pytest.raises(Refused, match="that has failed"):
            stage.resume()
        assert getattr(stage, again)().kind in {OutcomeKind.DEPLOYED, OutcomeKind.ABORTED}
        assert stage.images_running() == {"app:1"}

    def test_where_nobody_is_to_answer_no_page_is_asked(self, stage):
        stage.serve(0)
        stage.deploy(probes=())
        assert stage.undo_at_once().kind == OutcomeKind.DEPLOYED

    def test_it_says_where_it_goes(self, stage):
        stage.serve()
        release(stage, 2)
        stage.log.events.clear()
        outcome = stage.undo_at_once()
        (planned,) = stage.log.of(Planned)
        assert (planned.plan.kind, planned.plan.old_image.tag) == (PlanKind.ABORT, "1")
        assert (outcome.old_image.tag, outcome.new_image.tag) == ("2", "1")

    def test_somebodys_own_update_to_the_same_spec_that_has_not_come_through_is_carried_out(self, stage):
        stage.serve()
        before = stage.now.spec
        release(stage, 2)
        slowly = {**before, "UpdateConfig": {"Parallelism": 1, "Delay": 600_000_000_000}}
        stage.swarm.update(stage.now, slowly, None)
        stage.swarm.clock.sleep(20)
        assert stage.images_running() == {"app:1", "app:2"}
        stage.undo_at_once()
        assert stage.images_running() == {"app:1"}


def test_a_restart_replaces_every_task_by_the_digest_that_runs(stage):
    service = stage.serve()
    release(stage, 2)
    before = {task.id for task in stage.swarm.tasks(service.id) if task.running}
    image = spec.image(stage.now.spec)
    stage.swarm.images["app:2"] = Behaviour(status=500)
    assert stage.restart().kind == OutcomeKind.DEPLOYED
    assert spec.image(stage.now.spec) == image
    assert not before & {task.id for task in stage.swarm.tasks(service.id) if task.running}


def test_a_restart_needs_no_registry(stage):
    stage.serve()
    stage.swarm.registry.go_away(3600)
    assert stage.restart().kind == OutcomeKind.DEPLOYED


def test_a_restart_that_was_cut_off_is_finished_by_the_next_one(stage):
    stage.serve()
    stage.swarm.faults.services.after(2, kill)
    with pytest.raises(Killed):
        stage.restart()
    stage.swarm.clock.sleep(60)
    assert stage.restart().kind == OutcomeKind.DEPLOYED
    assert stage.now.spec["TaskTemplate"]["ForceUpdate"] == 1


def test_a_restart_leaves_another_deployment_that_is_unfinished_alone(stage):
    stage.serve()
    stage.swarm.faults.services.after(2, kill)
    with pytest.raises(Killed):
        stage.deploy()
    stage.swarm.clock.sleep(60)
    with pytest.raises(Refused, match="deployment 1 of site is unfinished") as refused:
        stage.restart()
    assert "rollout undo site" in refused.value.hint


def test_a_label_alone_is_taken_back_without_a_restart(stage):
    service = stage.serve()
    release(stage, 2)
    before = {task.id for task in stage.swarm.tasks(service.id) if task.running}
    stage.swarm.update(stage.now, {**stage.now.spec, "Labels": {"team": "shop"}}, None)
    assert stage.undo(to=1).kind == OutcomeKind.DEPLOYED
    assert stage.now.spec["Labels"] == {}
    stage.swarm.clock.sleep(60)
    assert before == {task.id for task in stage.swarm.tasks(service.id) if task.running}
