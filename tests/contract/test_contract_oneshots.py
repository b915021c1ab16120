"""Services of one task that runs once: how they are made, how they end, how they go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from contract.world import Kind, Stage

from rollout import spec
from rollout.errors import AlreadyExists, EngineRefused, NotFound
from rollout.model import Image, Service, Spec, Task, TaskState, Verdict
from rollout.oneshot import derive, names
from rollout.oneshot.derive import Side
from rollout.oneshot.judging import judge_command, judge_preview, judge_pulls
from rollout.oneshot.side import Sideline
from rollout.sim.faults import Killed


def side(stage: Stage, purpose: names.Purpose) -> Side:
    name = names.new_name(purpose, stage.name)
    return Side(name, names.labels(purpose, stage.service), {"ROLLOUT_PURPOSE": purpose.word})


@contextmanager
def running(stage: Stage, wanted: Spec) -> Iterator[Stage]:
    """A side service of the stage's service, as a stage of its own."""
    with Sideline(stage.world.swarm, print).with_service(wanted, None) as made:
        beside = Stage(stage.world, "")
        beside.service_id = made.id
        yield beside


@contextmanager
def one_shot(stage: Stage, *words: str) -> Iterator[Stage]:
    stage.start(1)
    wanted = derive.command(stage.service.spec, side(stage, names.BEFORE), words)
    with running(stage, wanted) as beside:
        yield beside


def end_of(beside: Stage) -> Task:
    """Its only task, when it has ended."""
    beside.wait(lambda: beside.tasks != () and beside.tasks[0].died, "the task has ended")
    beside.stays(lambda: len(beside.tasks) == 1, "it is not started again", 2.0)
    return beside.tasks[0]


def test_a_command_that_succeeds_is_complete_and_is_not_started_again(stage: Stage) -> None:
    with one_shot(stage, "true") as beside:
        task = end_of(beside)
    assert (task.state, task.exit_code) == (TaskState.COMPLETE, 0)
    assert judge_command(task).verdict == Verdict.PASS


def test_a_command_that_fails_says_its_exit_code_and_is_not_started_again(stage: Stage) -> None:
    with one_shot(stage, "false") as beside:
        task = end_of(beside)
    assert (task.state, task.exit_code) == (TaskState.FAILED, 1)
    assert "exit code 1" in judge_command(task).evidence


def test_a_command_that_the_image_does_not_have_could_not_be_started(stage: Stage) -> None:
    with one_shot(stage, "no-such-command") as beside:
        task = end_of(beside)
    assert "could not be started" in judge_command(task).evidence
    assert "executable file not found" in judge_command(task).evidence


def test_what_a_command_said_can_be_read_after_its_end(stage: Stage) -> None:
    with one_shot(stage, "echo", "hello") as beside:
        task = end_of(beside)
        beside.wait(lambda: stage.world.swarm.logs(task.id, 5) == ("hello",), "its log has come")


def test_the_service_itself_is_left_alone(stage: Stage) -> None:
    with one_shot(stage, "true") as beside:
        version, before = stage.service.version, stage.wanted
        end_of(beside)
    stage.stands_still(1.0)
    assert stage.service.version == version
    assert stage.wanted == before


def test_a_preview_is_one_running_replica_of_the_target(stage: Stage) -> None:
    stage.start(2)
    with running(stage, derive.preview(stage.target(), side(stage, names.PREVIEW))) as preview:
        preview.wait(
            lambda: judge_preview(next(iter(preview.tasks), None)).verdict == Verdict.PASS, "it runs"
        )
        assert [task.image for task in preview.tasks] == [spec.image(stage.target())]
    assert stage.done == 2


def test_a_preview_that_fails_its_health_check_has_failed(stage: Stage) -> None:
    stage.start(1)
    target = stage.target(Kind.UNHEALTHY)
    with running(stage, derive.preview(target, side(stage, names.PREVIEW))) as preview:
        task = end_of(preview)
    assert judge_preview(task).verdict == Verdict.FAIL
    assert "health check" in judge_preview(task).evidence


def test_a_side_service_is_gone_after_its_block_and_its_task_ends(stage: Stage) -> None:
    with one_shot(stage, "sleep", "1000") as beside:
        beside.wait(lambda: beside.tasks != () and beside.tasks[0].running, "it runs")
        service = beside.service
    with pytest.raises(NotFound):
        stage.world.swarm.service(service.id)


def test_it_is_gone_whatever_ends_the_block(stage: Stage) -> None:
    made: list[Service] = []

    def be_killed_beside_it() -> None:
        with one_shot(stage, "true") as beside:
            made.append(beside.service)
            raise Killed

    with pytest.raises(Killed):
        be_killed_beside_it()
    with pytest.raises(NotFound):
        stage.world.swarm.service(made[0].id)


def test_a_name_can_be_taken_once(stage: Stage) -> None:
    wanted = stage.spec(0)
    stage.create(wanted)
    with pytest.raises(AlreadyExists):
        stage.world.swarm.create(wanted, None)


def test_what_was_created_is_given_as_it_can_be_read(stage: Stage) -> None:
    stage.start(1)
    wanted = derive.preview(stage.service.spec, side(stage, names.PREVIEW))
    made = stage.world.swarm.create(wanted, None)
    try:
        assert made.name == wanted["Name"]
        assert names.belongs_to(stage.world.swarm.service(made.id), stage.service.id)
    finally:
        stage.world.swarm.remove(made.id)


def test_removing_a_service_that_is_gone_is_no_error(stage: Stage) -> None:
    stage.start(1)
    made = stage.world.swarm.create(derive.preview(stage.service.spec, side(stage, names.PREVIEW)), None)
    stage.world.swarm.remove(made.id)
    stage.world.swarm.remove(made.id)
    with pytest.raises(NotFound):
        stage.world.swarm.service(made.id)


def test_a_service_that_makes_no_sense_is_refused(stage: Stage) -> None:
    wanted = {**stage.spec(1), "TaskTemplate": {"ContainerSpec": {}}}
    with pytest.raises(EngineRefused):
        stage.world.swarm.create(wanted, None)


def test_what_was_left_behind_is_found_by_its_labels(stage: Stage) -> None:
    stage.start(1)
    left = stage.world.swarm.create(derive.preview(stage.service.spec, side(stage, names.PREVIEW)), None)
    said: list[str] = []
    Sideline(stage.world.swarm, said.append).clear(stage.service.id)
    with pytest.raises(NotFound):
        stage.world.swarm.service(left.id)
    assert left.name in said[0]
    assert stage.done == 1


def pulling(stage: Stage, image: Image) -> Spec:
    purpose = names.PREPULL
    made = Side(names.new_name(purpose, stage.name), names.labels(purpose, stage.service))
    return derive.pull(spec.with_image(stage.service.spec, image), made)


def all_judged(beside: Stage, verdict: Verdict) -> None:
    nodes = {node.id: node for node in beside.world.swarm.nodes()}

    def judged() -> bool:
        found = judge_pulls(beside.tasks, nodes)
        return [judgement.verdict for judgement in found.values()] == [verdict] * 3

    beside.wait(judged, f"every node's pull is judged: {verdict}")
    beside.stays(lambda: len(beside.tasks) == 3 and judged(), "none is started again", 2.0)


def test_a_pull_ends_once_on_every_node_and_the_service_is_left_alone(stage: Stage) -> None:
    stage.start(2)
    before = stage.wanted
    with running(stage, pulling(stage, stage.world.image(Kind.GOOD, 2))) as beside:
        all_judged(beside, Verdict.PASS)
    assert stage.wanted == before


def test_what_no_registry_has_is_rejected_on_every_node(stage: Stage) -> None:
    stage.start(1)
    with running(stage, pulling(stage, stage.world.image(Kind.MISSING))) as beside:
        all_judged(beside, Verdict.FAIL)
        assert all("No such image" in task.error for task in beside.tasks)
