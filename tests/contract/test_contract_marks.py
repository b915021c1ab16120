"""How tasks are found without reading all of them: by the mark of the release that made them."""

from __future__ import annotations

from contract.world import Stage

from rollout import pacing, spec
from rollout.model import Order, Task


def release(stage: Stage, slots: int, number: int) -> str:
    """A release with a mark; gives it back."""
    mark = f"{stage.service.version}"
    released = pacing.released(stage.target(), slots, Order.START_FIRST, number)
    stage.write(pacing.marked(released, mark))
    return mark


def born(stage: Stage, mark: str) -> dict[str, Task]:
    found = stage.world.swarm.released_tasks(stage.service.id, mark)
    return {task.id: task for task in found}


def test_a_mark_finds_the_tasks_of_its_own_release_and_no_others(stage: Stage) -> None:
    stage.start(4)
    first = release(stage, 1, 1)
    stage.reach(1)
    early = {task.id for task in stage.tasks if task.up_to_date and task.wanted}
    second = release(stage, 2, 2)
    stage.reach(3)
    fresh = {task.id for task in stage.tasks if task.up_to_date and task.wanted}
    assert early < fresh
    assert born(stage, first).keys() == early
    assert born(stage, second).keys() == fresh - early
    assert born(stage, second) == {task.id: task for task in stage.tasks if task.id in fresh - early}


def test_the_write_that_takes_the_mark_away_restarts_nothing(stage: Stage) -> None:
    stage.start(2)
    unmarked = stage.target()
    release(stage, 2, 1)
    stage.reach(2)
    stage.write(unmarked)
    stage.stands_still()
    assert spec.MARK not in spec.labels(stage.service.spec)


def test_what_crashes_and_comes_back_has_the_mark_whoever_was_there_before(stage: Stage) -> None:
    """Old or new: its successor runs the target, and the one of the target that died is among the ended."""
    stage.start(3)
    first = release(stage, 1, 1)
    stage.reach(1)
    (made,) = born(stage, first).values()
    old = next(task for task in stage.tasks if task.running and not task.up_to_date)
    stage.world.crash(made)
    stage.world.crash(old)
    stage.wait(lambda: stage.done == 2, "both have come back by the target")
    slots = {task.slot for task in born(stage, first).values() if task.running}
    assert slots == {made.slot, old.slot}
    ended = stage.world.swarm.ended_tasks(stage.service.id)
    assert [task.id for task in ended if task.died] == [made.id]
    assert all(task.up_to_date for task in ended)


def test_tasks_are_read_by_their_ids(stage: Stage) -> None:
    stage.start(3)
    one, two, _three = stage.tasks
    found = stage.world.swarm.tasks_by_id([one.id, two.id, "n" * 25])
    assert {task.id for task in found} == {one.id, two.id}
