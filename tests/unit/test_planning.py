from __future__ import annotations

import pytest
from builders import NEW, OLD, snapshot_of, spec_of, task_of

from rollout import pacing, planning, spec
from rollout.model import Batch, Options, Order, Plan, PlanKind, Snapshot, Step, TaskState
from rollout.planning import Wish
from strategies import rolling

BASELINE = spec_of(OLD)
TARGET = spec.with_image(BASELINE, NEW)


def plan_for(snapshot: Snapshot, target: dict | None = None, **options: object) -> Plan:
    wish = Wish(BASELINE, target or TARGET, Options(**options))
    return planning.make(snapshot, wish, (), rolling.plan)


def wish_for(target: dict) -> Wish:
    return Wish(BASELINE, target, Options())


def test_a_fresh_deployment_releases_every_replica():
    plan = plan_for(snapshot_of(BASELINE, *(task_of(slot) for slot in range(1, 5))))
    assert plan.kind == PlanKind.RELEASE
    assert plan.steps == (Step(1), Step(2), Step(3), Step(4))
    assert (plan.done, plan.slots) == (0, 4)


def test_the_batch_is_a_share_of_the_replicas_if_so_wished():
    plan = plan_for(snapshot_of(BASELINE, *(task_of(slot) for slot in range(1, 5))), batch=Batch(50, True))
    assert plan.steps == (Step(2), Step(4))


def test_the_same_spec_everywhere_leaves_nothing_to_do():
    snapshot = snapshot_of(BASELINE, *(task_of(slot) for slot in range(1, 5)))
    assert plan_for(snapshot, BASELINE).kind == PlanKind.UNCHANGED


def test_an_interrupted_deployment_judges_what_it_inherits_before_it_goes_on():
    released = pacing.released(TARGET, 1, Order.START_FIRST, 2)
    tasks = [task_of(1), task_of(2), task_of(3, up_to_date=False), task_of(4, up_to_date=False)]
    plan = plan_for(snapshot_of(released, *tasks))
    assert plan.done == 2
    assert plan.steps == (Step(2), Step(3), Step(4))


def test_a_deployment_cut_off_before_its_last_write_is_judged_and_finished():
    released = pacing.released(TARGET, 1, Order.START_FIRST, 4)
    plan = plan_for(snapshot_of(released, *(task_of(slot) for slot in range(1, 5))))
    assert (plan.kind, plan.steps) == (PlanKind.RELEASE, (Step(4),))


def test_a_service_without_replicas_only_gets_the_new_spec():
    empty = spec_of(OLD, replicas=0)
    plan = planning.make(
        snapshot_of(empty), Wish(empty, spec.with_image(empty, NEW), Options()), (), rolling.plan
    )
    assert (plan.kind, plan.steps) == (PlanKind.SETTLE, ())


def test_a_global_service_has_a_slot_for_each_node():
    baseline = spec_of(OLD, replicas=None)
    snapshot = snapshot_of(baseline, task_of("node-a"), task_of("node-b"))
    wish = Wish(baseline, spec.with_image(baseline, NEW), Options())
    assert planning.make(snapshot, wish, (), rolling.plan).slots == 2


def test_start_first_is_the_rule():
    assert planning.choose_order(wish_for(TARGET))[0] == Order.START_FIRST


def test_a_host_port_makes_it_stop_first_and_the_plan_says_why():
    ports = {"Ports": [{"PublishedPort": 80, "PublishMode": "host"}]}
    order, reason = planning.choose_order(wish_for(spec_of(EndpointSpec=ports)))
    assert order == Order.STOP_FIRST
    assert "host mode" in reason


def test_a_limit_per_node_makes_it_stop_first():
    target = spec_of()
    target["TaskTemplate"]["Placement"] = {"MaxReplicas": 1}
    assert planning.choose_order(wish_for(target))[0] == Order.STOP_FIRST


def writing_to(volume: dict, replicas: int = 1) -> dict:
    mounts = [{"Type": "volume", "Source": "dbdata", "Target": "/var/lib/mysql", **volume}]
    return spec_of(NEW, replicas, TaskTemplate={"ContainerSpec": {"Image": str(NEW), "Mounts": mounts}})


def test_the_one_replica_that_writes_to_a_volume_of_its_node_stops_first():
    """A database would find the files locked, or worse."""
    order, reason = planning.choose_order(wish_for(writing_to({})))
    assert (order, "dbdata" in reason) == (Order.STOP_FIRST, True)


@pytest.mark.parametrize(
    ("volume", "replicas"),
    [
        ({"ReadOnly": True}, 1),
        ({"Type": "bind"}, 1),
        ({"VolumeOptions": {"DriverConfig": {"Name": "local", "Options": {"type": "nfs"}}}}, 1),
        ({"VolumeOptions": {"DriverConfig": {"Name": "efs"}}}, 1),
        ({}, 2),
    ],
)
def test_a_volume_that_is_read_or_shared_anyway_changes_no_order(volume: dict, replicas: int):
    assert planning.choose_order(wish_for(writing_to(volume, replicas)))[0] == Order.START_FIRST


def test_who_wants_start_first_with_a_volume_gets_it():
    wish = Wish(BASELINE, writing_to({}), Options(order=Order.START_FIRST), {"order": "--order"})
    assert planning.choose_order(wish)[0] == Order.START_FIRST


def test_what_was_asked_for_is_done_and_the_plan_says_who_asked():
    ports = {"Ports": [{"PublishedPort": 80, "PublishMode": "host"}]}
    wish = Wish(BASELINE, spec_of(EndpointSpec=ports), Options(order=Order.START_FIRST), {"order": "--order"})
    assert planning.choose_order(wish) == (Order.START_FIRST, "set by --order")


def test_the_expected_time_comes_from_how_long_the_present_replicas_took():
    tasks = [task_of(slot, start_seconds=3.0) for slot in range(1, 5)]
    plan = plan_for(snapshot_of(BASELINE, *tasks), min_ready=2.0, bake=10.0)
    assert plan.seconds == 4 * (3.0 + 2.0) + 10.0


def test_a_replica_that_is_down_is_still_a_slot_to_release():
    tasks = [task_of(1, state=TaskState.STARTING), task_of(2), task_of(3), task_of(4)]
    assert plan_for(snapshot_of(BASELINE, *tasks)).steps[-1] == Step(4)


def test_a_label_of_the_service_restarts_nothing():
    snapshot = snapshot_of(BASELINE, *(task_of(slot) for slot in range(1, 5)))
    plan = plan_for(snapshot, BASELINE | {"Labels": {"team": "shop"}})
    assert (plan.kind, plan.steps) == (PlanKind.SETTLE, ())


def test_a_label_beside_a_new_image_does_not_make_it_harmless():
    snapshot = snapshot_of(BASELINE, *(task_of(slot) for slot in range(1, 5)))
    assert plan_for(snapshot, TARGET | {"Labels": {"team": "shop"}}).kind == PlanKind.RELEASE


def test_replicas_that_are_not_in_order_are_released_also_by_a_label():
    """Which of them the write would move is not known, so they are moved one by one."""
    starting = task_of(4, state=TaskState.STARTING)
    snapshot = snapshot_of(BASELINE, *(task_of(slot) for slot in range(1, 4)), starting)
    assert plan_for(snapshot, BASELINE | {"Labels": {"team": "shop"}}).kind == PlanKind.RELEASE
