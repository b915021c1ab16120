"""Design, section 4: what a bad release looks like, and that it goes no further."""

from __future__ import annotations

from contract.world import Kind, Stage

from rollout import pacing, spec
from rollout.model import Order, Task, TaskState


def dead(stage: Stage) -> list[Task]:
    """The tasks of the target that ended by themselves, oldest first."""
    return [task for task in reversed(stage.tasks) if task.died and task.up_to_date]


def test_a_crash_pauses_the_update_and_restarts_stay_within_the_slot(stage: Stage) -> None:
    stage.start(3)
    stage.release(stage.target(Kind.CRASHING), 1, 1)
    stage.wait(lambda: len(dead(stage)) > 1, "the new task has crashed twice")
    first, second = dead(stage)[:2]
    assert (first.state, first.exit_code) == (TaskState.FAILED, 3)
    assert first.error == "task: non-zero exit (3)"
    assert first.slot == second.slot
    assert stage.status == "paused"
    assert sum(slot.touched for slot in stage.slots) <= 1
    assert sum(task.running for task in stage.tasks if not task.up_to_date) == 2


def test_the_log_of_a_crashed_task_can_be_read(stage: Stage) -> None:
    stage.create(spec.with_image(stage.spec(1), stage.world.image(Kind.CRASHING)))
    stage.wait(lambda: dead(stage) != [], "it crashes")
    task = dead(stage)[0]
    stage.wait(lambda: stage.world.swarm.logs(task.id, 5) == ("dying",), "its log is there", 10.0)
    assert stage.world.swarm.logs("no-such-task", 5) == ()


def test_an_image_that_is_not_there_is_rejected(stage: Stage) -> None:
    stage.start(2)
    stage.release(stage.target(Kind.MISSING), 1, 1)
    stage.wait(lambda: dead(stage) != [], "the new task ends")
    first = dead(stage)[0]
    assert first.state == TaskState.REJECTED
    assert first.error.startswith("No such image")
    assert first.exit_code is None
    assert sum(task.running for task in stage.tasks if not task.up_to_date) == 2


def test_an_unhealthy_task_is_stopped_and_its_exit_code_decides_its_state(stage: Stage) -> None:
    """Exit code 0 after the stop signal makes it ``complete``: nothing then says that it was unhealthy."""
    stage.start(1)
    stage.release(stage.target(Kind.UNHEALTHY), 1, 1)
    stage.wait(lambda: dead(stage) != [], "the new task ends")
    assert dead(stage)[0].state == TaskState.FAILED
    assert dead(stage)[0].error == "task: non-zero exit (7): dockerexec: unhealthy container"
    assert not any(task.running for task in stage.tasks if task.up_to_date)
    polite = Stage(stage.world, "polite")
    polite.start(1)
    polite.release(polite.target(Kind.POLITE), 1, 1)
    polite.wait(lambda: dead(polite) != [], "the new task ends")
    assert (dead(polite)[0].state, dead(polite)[0].exit_code) == (TaskState.COMPLETE, 0)
    assert dead(polite)[0].error == ""


def test_a_task_whose_health_is_not_known_stays_in_starting(stage: Stage) -> None:
    stage.start(1)
    stage.release(stage.target(Kind.SILENT), 1, 1)
    stage.wait(lambda: TaskState.STARTING in [task.state for task in stage.tasks], "the new task starts")
    states = lambda: [(task.state, task.wanted) for task in stage.tasks]  # noqa: E731
    both = [(TaskState.STARTING, True), (TaskState.RUNNING, True)]
    stage.stays(lambda: states() == both, "the old task serves, the new one starts", 2.0)


def test_a_crashed_old_task_comes_back_with_the_new_spec(stage: Stage) -> None:
    """Rule 8."""
    stage.start(2)
    stage.release(stage.target(), 1, 1)
    stage.reach(1)
    (old,) = (task for task in stage.tasks if task.running and not task.up_to_date)
    stage.world.crash(old)
    stage.reach(2)
    crashed = next(task for task in stage.tasks if task.id == old.id)
    assert (crashed.state, crashed.exit_code, crashed.wanted) == (TaskState.FAILED, 137, False)


def test_new_replicas_come_with_the_new_spec(stage: Stage) -> None:
    """Rule 8; to write more replicas also releases a batch, as every write does."""
    stage.start(2)
    stage.release(stage.target(), 1, 1)
    stage.reach(1)
    more = dict(stage.service.spec) | {"Mode": {"Replicated": {"Replicas": 3}}}
    stage.write(more)
    stage.wait(lambda: len(stage.slots) == 3, "there are three slots")
    stage.reach(3)


def test_an_old_task_that_crashes_while_it_is_replaced_leaves_two_new_ones_until_the_next_write(
    stage: Stage,
) -> None:
    """Its restart has the new spec too, and nothing removes one of the two before the next write."""
    stage.start(2)
    stage.release(stage.target(Kind.SLOW), 1, 1)
    stage.wait(lambda: TaskState.STARTING in [task.state for task in stage.tasks], "the new task starts")
    (slot,) = (slot for slot in stage.slots if not slot.quiet)
    (old,) = (task for task in slot.wanted if not task.up_to_date)
    stage.world.crash(old)
    stage.wait(lambda: both_run(stage), "two tasks of the target run in one slot")
    stage.stays(lambda: both_run(stage), "two tasks of the target run in one slot", 1.0)
    stage.write(pacing.rolled_back(stage.service.spec, 2, Order.START_FIRST))
    stage.reach(2)


def both_run(stage: Stage) -> bool:
    return any(
        len(slot.wanted) == 2 and all(t.running and t.up_to_date for t in slot.wanted) for slot in stage.slots
    )
