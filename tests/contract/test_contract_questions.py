"""What a manager can be asked: about its engine, about an image, about a node."""

from __future__ import annotations

from contract.world import SECOND, Kind, Stage

from rollout.model import Task

START_INTERVALS = (1, 44)


def elsewhere(stage: Stage) -> Task:
    """A task that does not run on the manager."""
    managers = {node.id for node in stage.world.swarm.nodes() if node.manager}
    return next(task for task in stage.tasks if task.node_id not in managers)


def test_the_managers_engine_knows_the_healthcheck_of_an_image_that_it_has(stage: Stage) -> None:
    stage.start(replicas=None)
    good = stage.world.swarm.image_config(stage.world.image(Kind.GOOD))
    assert good is not None
    assert not good.healthcheck.checks
    stage.write(stage.target(Kind.SLOW))
    stage.wait(lambda: stage.done == 3, "the new image is everywhere")
    slow = stage.world.swarm.image_config(stage.world.image(Kind.SLOW))
    assert slow is not None
    assert slow.healthcheck.checks


def test_of_an_image_that_it_does_not_have_it_knows_nothing(stage: Stage) -> None:
    assert stage.world.swarm.image_config(stage.world.image(Kind.MISSING)) is None


def test_a_node_that_is_cut_off_does_not_answer_while_the_managers_still_take_it_for_ready(
    stage: Stage,
) -> None:
    stage.start(replicas=None)
    swarm = stage.world.swarm
    assert all(swarm.node_answers(task) for task in stage.tasks)
    lost = elsewhere(stage)
    stage.world.cut_off(lost)
    try:
        answered = {task.node_id: swarm.node_answers(task) for task in stage.tasks}
        assert [node for node, said in answered.items() if not said] == [lost.node_id]
        assert all(node.ready for node in swarm.nodes())
    finally:
        stage.world.reconnect(lost)
    stage.wait(lambda: swarm.node_answers(lost), "the node answers again")


def test_a_start_interval_is_kept_where_the_version_says_so_and_harmless_without_a_test(stage: Stage) -> None:
    """Older engines drop it, so what is read back would never be what was written."""
    stage.start(1)
    written = stage.spec(1)
    written["TaskTemplate"]["ContainerSpec"]["Healthcheck"] = {"StartInterval": SECOND}
    stage.write(written)
    kept = stage.service.spec["TaskTemplate"]["ContainerSpec"]["Healthcheck"].get("StartInterval", 0)
    assert kept == SECOND or stage.world.swarm.api_version() < START_INTERVALS
    stage.wait(lambda: stage.done == 1, "an image that has no test runs with it")
