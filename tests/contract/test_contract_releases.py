"""Design, section 4: how a batch is released."""

from __future__ import annotations

from contract.world import SECOND, Kind, Stage

from rollout import pacing, spec
from rollout.model import Order, TaskState
from rollout.pacing import HOLD_DELAY


def test_a_release_replaces_as_many_slots_as_it_names_and_then_stands_still(stage: Stage) -> None:
    stage.start(3)
    before = stage.wanted
    stage.release(stage.target(), 2, 1)
    stage.reach(2)
    stage.stands_still(3.0)
    replaced = {slot for slot, task in stage.wanted.items() if before[slot] != task}
    assert len(replaced) == 2
    assert stage.status == "updating"


def test_the_next_release_moves_the_next_slots_and_leaves_those_on_the_target_alone(stage: Stage) -> None:
    stage.start(3)
    target = stage.target()
    stage.release(target, 1, 1)
    stage.reach(1)
    after_one = {slot.key: slot.wanted[0].id for slot in stage.slots if slot.done}
    stage.release(target, 2, 2)
    stage.reach(3)
    assert after_one.items() <= stage.wanted.items()


def test_the_same_spec_again_releases_nothing_but_another_delay_does(stage: Stage) -> None:
    stage.start(2)
    stage.release(stage.target(), 1, 1)
    stage.reach(1)
    stage.write(stage.service.spec)
    stage.stands_still()
    assert stage.status == ""
    stage.release(stage.target(), 1, 2)
    stage.reach(2)


def test_the_final_write_restarts_no_task(stage: Stage) -> None:
    own = {"Parallelism": 2, "Delay": SECOND, "FailureAction": "rollback", "Order": "stop-first"}
    baseline = stage.start(2, UpdateConfig=own)
    target = stage.target()
    stage.release(target, 2, 1)
    stage.reach(2)
    stage.write(target)
    stage.stands_still()
    assert spec.same(stage.service.spec["UpdateConfig"], baseline["UpdateConfig"])
    assert pacing.release_number(stage.service.spec) is None


def test_parallelism_0_means_all(stage: Stage) -> None:
    stage.start(3)
    wanted = spec.raw(stage.target())
    wanted["UpdateConfig"] = {"Parallelism": 0, "Delay": HOLD_DELAY + 1, "Order": "start-first"}
    stage.write(wanted)
    stage.reach(3)


def test_start_first_keeps_the_old_task_until_the_new_one_runs(stage: Stage) -> None:
    stage.start(1)
    stage.release(stage.target(), 1, 1)
    stage.wait(lambda: len(stage.tasks) == 2, "there is a new task")
    tasks = stage.tasks
    while not any(task.up_to_date and task.running for task in tasks):
        assert any(task.running for task in tasks), stage.describe()
        stage.world.sleep(0.05)
        tasks = stage.tasks
    stage.reach(1)


def test_stop_first_starts_the_new_task_when_the_old_one_has_stopped(stage: Stage) -> None:
    stage.start(1)
    stage.release(stage.target(), 1, 1, Order.STOP_FIRST)
    stage.wait(lambda: len(stage.tasks) == 2, "there is a new task")
    while stage.done < 1:
        tasks = stage.tasks
        new_starts = any(task.up_to_date and task.state >= TaskState.STARTING for task in tasks)
        old_runs = any(not task.up_to_date and task.state == TaskState.RUNNING for task in tasks)
        assert not (new_starts and old_runs), stage.describe()
        stage.world.sleep(0.05)


def test_releasing_again_before_the_new_task_runs_shuts_the_healthy_old_one_down(stage: Stage) -> None:
    """Rule 1: the updater takes any task by the new spec for good enough. So be quiet before you write."""
    stage.start(1)
    (old,) = (slot.wanted[0].id for slot in stage.slots)
    target = stage.target(Kind.SILENT)
    stage.release(target, 1, 1)
    stage.wait(lambda: TaskState.STARTING in [task.state for task in stage.tasks], "the new task starts")
    assert len(stage.slots[0].wanted) == 2
    stage.release(target, 1, 2)
    stage.wait(lambda: stage.slots[0].quiet, "one of the two has to go")
    assert stage.slots[0].wanted[0].id != old
    assert stage.slots[0].wanted[0].state == TaskState.STARTING


def test_a_host_port_and_start_first_pend_for_ever(stage: Stage) -> None:
    port = {"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 18443, "PublishMode": "host"}
    baseline = stage.start(3, EndpointSpec={"Mode": "dnsrr", "Ports": [port]})
    before = stage.wanted
    stage.release(stage.target(), 1, 1)
    reason = "no suitable node (host-mode port already in use on 3 nodes)"
    stage.wait(lambda: reason in [task.error for task in stage.tasks], "the new task pends")
    stage.stands_still()
    assert [task.state for task in stage.tasks if task.up_to_date] == [TaskState.PENDING]
    stage.roll_back(baseline, 1)
    stage.reach(3)
    assert stage.wanted == before


def test_start_first_above_the_replicas_allowed_on_a_node_pends_for_ever(stage: Stage) -> None:
    wanted = spec.raw(stage.spec(3))
    wanted["TaskTemplate"]["Placement"] = {"MaxReplicas": 1}
    stage.create(wanted)
    stage.reach(3)
    baseline, before = stage.service.spec, stage.wanted
    stage.release(stage.target(), 1, 1)
    reason = "no suitable node (max replicas per node limit exceed)"
    stage.wait(lambda: reason in [task.error for task in stage.tasks], "the new task pends")
    stage.roll_back(baseline, 1)
    stage.reach(3)
    assert stage.wanted == before
