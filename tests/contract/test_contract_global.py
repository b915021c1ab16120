"""Design, section 4, in global mode: a slot is a node."""

from __future__ import annotations

from contract.world import Stage

from rollout.model import Order, TaskState


def test_a_global_service_is_paced_in_the_same_way_and_its_slots_are_the_nodes(stage: Stage) -> None:
    stage.start(None)
    assert {slot.key for slot in stage.slots} == {node.id for node in stage.world.swarm.nodes()}
    target = stage.target()
    stage.release(target, 1, 1, Order.START_FIRST)
    stage.reach(1)
    stage.stands_still()
    stage.release(target, 2, 2, Order.STOP_FIRST)
    stage.reach(3)


def test_start_first_works_in_global_mode(stage: Stage) -> None:
    stage.start(None)
    stage.release(stage.target(), 1, 1)
    stage.wait(lambda: len(stage.tasks) == 4, "there is a new task")
    tasks = stage.tasks
    while not any(task.up_to_date and task.running for task in tasks):
        assert sum(task.running for task in tasks) == 3, stage.describe()
        stage.world.sleep(0.05)
        tasks = stage.tasks
    stage.reach(1)


def test_any_change_of_a_node_replaces_the_outdated_tasks_of_global_services_at_once(stage: Stage) -> None:
    """Unpaced, and stop-first whatever the order (swarmkit global.go, reconcileOneNode)."""
    stage.start(None)
    stage.release(stage.target(), 1, 1)
    stage.reach(1)
    stage.world.touch_nodes()
    stage.wait(lambda: all(slot.touched for slot in stage.slots), "every node has a new task")
    old = [task for task in stage.tasks if not task.up_to_date]
    assert not any(task.wanted for task in old)
    assert TaskState.RUNNING in [task.state for task in stage.tasks]
    stage.reach(3)
