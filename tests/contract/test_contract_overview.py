"""All tasks in one answer: what the watcher looks at."""

from __future__ import annotations

from contract.world import Kind, Stage, World

from rollout.model import TaskState


def second(world: World, beside: Stage) -> Stage:
    made = Stage(world, f"{beside.name[:20]}-b")
    made.start(2)
    return made


def test_the_tasks_that_are_meant_to_run_come_by_service_in_one_answer(stage: Stage) -> None:
    stage.start(3)
    other = second(stage.world, stage)
    found = stage.world.swarm.standing_tasks()
    for one in (stage, other):
        wanted = {task.id: (task.slot, task.node_id) for task in one.tasks if task.wanted}
        assert {task.id: (task.slot, task.node_id) for task in found[one.service.id]} == wanted
        assert all(task.state == TaskState.RUNNING for task in found[one.service.id])


def test_a_task_that_has_died_is_among_the_past_ones_of_its_service_and_no_others(stage: Stage) -> None:
    stage.start(2)
    other = second(stage.world, stage)
    dead = stage.tasks[0]
    stage.world.crash(dead)
    swarm, ids = stage.world.swarm, [stage.service.id, other.service.id]
    stage.wait(lambda: bool(swarm.past_tasks(ids).get(stage.service.id)), "it is past")
    past = swarm.past_tasks(ids)
    assert [(task.id, task.died) for task in past[stage.service.id]] == [(dead.id, True)]
    assert other.service.id not in past
    assert swarm.past_tasks([]) == {}
    stage.wait(lambda: stage.done == 2, "another one runs in its place")
    standing = {task.id for task in swarm.standing_tasks()[stage.service.id]}
    assert dead.id not in standing
    assert len(standing) == 2


def test_a_task_that_waits_for_its_restart_delay_is_meant_to_run(stage: Stage) -> None:
    spec = stage.spec(1)
    spec["TaskTemplate"]["ContainerSpec"]["Image"] = str(stage.world.image(Kind.CRASHING))
    spec["TaskTemplate"]["RestartPolicy"]["Delay"] = 3_000_000_000
    stage.create(spec)
    swarm = stage.world.swarm
    stage.wait(lambda: bool(swarm.past_tasks([stage.service.id])), "one has died")
    waiting = swarm.standing_tasks()[stage.service.id]
    assert [task.state < TaskState.RUNNING for task in waiting] == [True]


def test_past_tasks_come_newest_first(stage: Stage) -> None:
    stage.start(1)
    died = []
    for _ in range(2):
        task = stage.tasks[0]
        died.append(task.id)
        stage.world.crash(task)
        stage.wait(lambda: stage.done == 1 and stage.tasks[0].id not in died, "another one runs")
    past = stage.world.swarm.past_tasks([stage.service.id])[stage.service.id]
    assert [task.id for task in past] == died[::-1]


def test_a_manager_can_be_reached(stage: Stage) -> None:
    nodes = stage.world.swarm.nodes()
    assert [node.reachable for node in nodes if node.manager] == [True] * sum(node.manager for node in nodes)
