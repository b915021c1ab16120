"""Design, section 4: a rollback is one write of the baseline."""

from __future__ import annotations

from contract.world import Kind, Stage

from rollout import spec
from rollout.model import Order, TaskState


def test_a_rollback_brings_the_baseline_back_wherever_the_target_runs_and_only_there(stage: Stage) -> None:
    baseline = stage.start(3)
    before = stage.wanted
    stage.release(stage.target(), 2, 1)
    stage.reach(2)
    untouched = {slot.key: slot.wanted[0].id for slot in stage.slots if not slot.touched}
    stage.roll_back(baseline, 2)
    stage.reach(3)
    assert len(untouched) == 1
    assert untouched.items() <= stage.wanted.items()
    assert stage.wanted != before
    assert spec.same_work(stage.service.spec, baseline)


def test_a_rollback_in_mid_step_keeps_the_old_task_and_removes_the_new_one(stage: Stage) -> None:
    baseline = stage.start(2)
    before = stage.wanted
    stage.release(stage.target(Kind.SILENT), 1, 1)
    stage.wait(lambda: TaskState.STARTING in [task.state for task in stage.tasks], "the new task starts")
    stage.roll_back(baseline, 1)
    stage.stays(lambda: sum(task.running for task in stage.tasks) == 2, "both old tasks serve", 1.0)
    stage.reach(2)
    assert stage.wanted == before


def test_a_rollback_of_a_release_that_cannot_start_leaves_the_old_tasks_alone(stage: Stage) -> None:
    baseline = stage.start(2)
    before = stage.wanted
    stage.release(stage.target(Kind.MISSING), 1, 1)
    stage.wait(lambda: any(task.died for task in stage.tasks), "the new task is rejected")
    stage.roll_back(baseline, 1)
    stage.reach(2)
    assert stage.wanted == before


def test_a_rollback_of_a_crashing_release_comes_to_rest_on_the_baseline(stage: Stage) -> None:
    """The target's last task may be restarted, by the baseline, besides what the rollback starts."""
    baseline = stage.start(2)
    stage.release(stage.target(Kind.CRASHING), 1, 1)
    stage.wait(lambda: any(task.died for task in stage.tasks), "the new task has crashed")
    stage.roll_back(baseline, 1)
    stage.wait(
        lambda: serves_everywhere(stage), "the baseline serves in both slots and nothing else is wanted"
    )
    stage.write(baseline)
    stage.reach(2)
    assert spec.same(stage.service.spec, baseline)


def test_a_rollback_by_ones_goes_on_by_itself_and_stops_one_at_a_time(stage: Stage) -> None:
    """The updater takes the next slot when the new task of the last one runs, a few ns later."""
    baseline = stage.start(3)
    stage.release(stage.target(Kind.SLOW), 3, 1, Order.STOP_FIRST)
    stage.reach(3)
    stage.roll_back(baseline, 1, Order.STOP_FIRST)
    stage.wait(lambda: goes_back(stage, fewest=2), "the baseline runs everywhere", 40.0)


def test_a_rollback_by_ones_that_starts_first_takes_nothing_from_anybody(stage: Stage) -> None:
    baseline = stage.start(3)
    stage.release(stage.target(), 3, 1)
    stage.reach(3)
    stage.roll_back(baseline, 1)
    stage.wait(lambda: goes_back(stage, fewest=3), "the baseline runs everywhere", 40.0)


def test_a_replica_that_dies_on_the_way_back_leaves_the_others_to_the_next_write(stage: Stage) -> None:
    """``FailureAction: pause``: the slots that wait for their turn stay where they are.

    One more may have its turn before the failure is heard of (updater.go: a select of both channels).
    """
    baseline = stage.start(3)
    stage.release(stage.target(), 3, 1)
    stage.reach(3)
    stage.roll_back(stage.target(Kind.UNHEALTHY), 1)
    stage.wait(lambda: stage.status == "paused", "the updater has given up")
    assert any(not slot.touched for slot in stage.slots)
    stage.roll_back(baseline, 3)
    stage.reach(3)


def goes_back(stage: Stage, fewest: int) -> bool:
    """Whether it has come to its end; at no moment fewer serve."""
    slots = stage.slots
    serving = sum(any(task.running for task in slot.tasks) for slot in slots)
    assert serving >= fewest, stage.describe()
    return all(slot.done for slot in slots)


def serves_everywhere(stage: Stage) -> bool:
    wanted = [task for slot in stage.slots for task in slot.wanted]
    return len(stage.slots) == 2 and all(task.up_to_date and task.running for task in wanted)
