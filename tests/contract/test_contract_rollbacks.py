"""Design, section 4: a rollback is one write of the baseline."""

from __future__ import annotations

from contract.world import Kind, Stage

from rollout import spec
from rollout.model import TaskState


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


def serves_everywhere(stage: Stage) -> bool:
    wanted = [task for slot in stage.slots for task in slot.wanted]
    return len(stage.slots) == 2 and all(task.up_to_date and task.running for task in wanted)
