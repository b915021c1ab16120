"""What Swarm's updater does with its own settings, which we write and the services' owners have written.

moby/swarmkit manager/orchestrator/update/updater.go.
"""

from __future__ import annotations

from typing import Any

from contract.world import SECOND, Kind, Stage

from rollout import spec
from rollout.model import Order


def update(stage: Stage, kind: Kind, **config: Any) -> None:
    """Write a target with an UpdateConfig: one slot after the other, start-first, unless told otherwise."""
    usual = {"Parallelism": 1, "Delay": 1, "Monitor": 60 * SECOND, "FailureAction": "pause"}
    usual |= {"MaxFailureRatio": 0, "Order": str(Order.START_FIRST)}
    stage.write(stage.target(kind) | {"UpdateConfig": usual | config})


def reached(stage: Stage) -> int:
    """The slots that have had a task of the spec in force."""
    return len({task.slot for task in stage.tasks if task.up_to_date})


def test_an_update_that_shall_continue_goes_through_all_slots_whatever_fails(stage: Stage) -> None:
    stage.start(3)
    update(stage, Kind.UNHEALTHY, FailureAction="continue")
    stage.wait(lambda: reached(stage) == 3, "every slot was tried", 40.0)
    assert stage.status == "updating"


def test_one_failure_pauses_an_update_before_it_has_tried_all_slots(stage: Stage) -> None:
    """One more slot may have its turn before the failure is heard of."""
    stage.start(4)
    update(stage, Kind.UNHEALTHY)
    stage.wait(lambda: stage.status == "paused", "it has given up")
    assert reached(stage) <= 2


def test_a_ratio_of_failures_is_of_the_slots_to_be_replaced_and_has_to_be_exceeded(stage: Stage) -> None:
    """Of four slots two may fail at one half."""
    stage.start(4)
    update(stage, Kind.UNHEALTHY, MaxFailureRatio=0.5)
    stage.wait(lambda: stage.status == "paused", "it has given up", 60.0)
    assert reached(stage) >= 3


def test_an_update_that_shall_roll_back_puts_the_previous_spec_in_force_by_itself(stage: Stage) -> None:
    baseline = stage.start(3)
    update(stage, Kind.UNHEALTHY, FailureAction="rollback")
    stage.wait(lambda: spec.same(stage.service.spec, baseline), "the baseline is in force again")
    assert stage.status.startswith("rollback")
    stage.reach(3)


def test_a_death_after_the_monitor_time_pauses_nothing(stage: Stage) -> None:
    """So an update can be "completed" though everything that it brought crashes: no evidence (rule 5)."""
    stage.start(2)
    update(stage, Kind.CRASHING, Monitor=SECOND // 10)
    stage.wait(lambda: stage.status == "completed", "it calls itself completed", 40.0)
    stage.wait(lambda: any(task.died and task.up_to_date for task in stage.tasks), "and a task has crashed")


def test_a_delay_passes_between_a_slot_that_runs_and_the_next_one(stage: Stage) -> None:
    stage.start(3)
    update(stage, Kind.SLOW, Delay=2 * SECOND)
    stage.reach(1)
    first = stage.world.now()
    stage.wait(lambda: reached(stage) == 2, "the next slot has its turn")
    assert 1.0 <= stage.world.now() - first <= 6.0
