"""From assigned to the end: what images make of tasks."""

from __future__ import annotations

import pytest

from rollout.model import Image, TaskState
from rollout.sim import Behaviour, Health, SimSwarm, service_spec

SECOND = 1_000_000_000


@pytest.fixture
def swarm() -> SimSwarm:
    return SimSwarm(nodes=2, seed=3)


def task_of(swarm: SimSwarm, behaviour: Behaviour, seconds: float, **template):
    """The only task of a service of such an image, some seconds after its creation."""
    swarm.images["app:1"] = behaviour
    service = swarm.create(service_spec("web", "app:1", 1, {"TaskTemplate": template}))
    swarm.clock.sleep(seconds)
    return swarm.tasks(service.id)[-1]


def test_with_a_healthcheck_a_task_runs_when_it_is_healthy(swarm):
    slow = Behaviour(start_seconds=20)
    task = task_of(swarm, slow, 15)
    assert task.state == TaskState.STARTING
    swarm.clock.sleep(15)
    assert swarm.tasks(swarm.services()[0].id)[0].running


def test_without_one_it_runs_at_once_though_nothing_listens_yet(swarm):
    task = task_of(swarm, Behaviour(healthcheck=False, start_seconds=20), 5)
    load = swarm.load(swarm.services()[0], rate=10)
    assert task.running
    swarm.clock.sleep(10)
    assert (load.requests, load.failed) == (100, 100)
    swarm.clock.sleep(30)
    assert load.failed < 200


def test_the_spec_can_switch_the_healthcheck_off_and_on(swarm):
    off = {"ContainerSpec": {"Healthcheck": {"Test": ["NONE"]}}}
    assert task_of(swarm, Behaviour(health=Health.SILENT), 5, **off).running


def test_the_spec_can_bring_a_healthcheck(swarm):
    test = {"ContainerSpec": {"Healthcheck": {"Test": ["CMD", "true"]}}}
    task = task_of(swarm, Behaviour(healthcheck=False, start_seconds=20), 5, **test)
    assert task.state == TaskState.STARTING


def test_a_crash_has_an_exit_code_and_a_log(swarm):
    task = task_of(swarm, Behaviour(crash_after=2, exit_code=255, log=("one", "two", "three")), 6)
    assert (task.state, task.exit_code) == (TaskState.FAILED, 255)
    assert task.error == "task: non-zero exit (255)"
    assert swarm.logs(task.id, 2) == ("two", "three")
    assert not task.wanted


def test_an_exit_with_0_is_complete_and_comes_back_too(swarm):
    task = task_of(swarm, Behaviour(healthcheck=False, crash_after=2, exit_code=0), 20)
    assert (task.state, task.exit_code, task.message) == (TaskState.COMPLETE, 0, "finished")
    assert len(swarm.tasks(swarm.services()[0].id)) > 1


def test_a_crash_before_the_first_verdict_fails_a_starting_task(swarm):
    task = task_of(swarm, Behaviour(start_seconds=9, crash_after=1), 4)
    assert (task.state, task.message) == (TaskState.FAILED, "starting")


def test_a_container_that_turns_unhealthy_is_stopped(swarm):
    task = task_of(swarm, Behaviour(sick_after=10, stop_code=3), 20)
    assert task.state == TaskState.FAILED
    assert task.error == "task: non-zero exit (3): dockerexec: unhealthy container"


def test_one_that_does_not_stop_in_time_is_killed(swarm):
    grace = {"ContainerSpec": {"StopGracePeriod": 2 * SECOND}}
    task = task_of(swarm, Behaviour(sick_after=10, stop_seconds=60), 20, **grace)
    assert (task.exit_code, task.error) == (137, "task: non-zero exit (137): dockerexec: unhealthy container")


def test_a_program_that_is_not_there_fails_the_start(swarm):
    task = task_of(swarm, Behaviour(cannot_start="nope: not found"), 5)
    assert (task.state, task.error) == (TaskState.FAILED, "starting container failed: nope: not found")


def test_a_pull_takes_its_time_once_for_each_node(swarm):
    task = task_of(swarm, Behaviour(pull_seconds=30), 20)
    assert task.state == TaskState.PREPARING
    swarm.clock.sleep(20)
    swarm.machines.drain(task.node_id)
    swarm.clock.sleep(20)
    moved = swarm.tasks(swarm.services()[0].id)[0]
    assert (moved.state, moved.node_id != task.node_id) == (TaskState.PREPARING, True)
    swarm.clock.sleep(20)
    assert swarm.tasks(swarm.services()[0].id)[0].running


def test_a_missing_image_is_rejected_again_and_again_but_not_in_a_tight_loop(swarm):
    service = swarm.create(service_spec("web", "nothing:1", 1, {}))
    swarm.clock.sleep(31)
    rejected = [task for task in swarm.tasks(service.id) if task.state == TaskState.REJECTED]
    assert {task.error for task in rejected} == {"No such image: nothing:1"}
    assert 4 <= len(rejected) <= 7


def test_a_node_makes_do_with_the_image_that_it_has_when_the_registry_is_away(swarm):
    task_of(swarm, Behaviour(crash_after=20), 15)
    swarm.registry.go_away(3600)
    swarm.clock.sleep(30)
    tasks = swarm.tasks(swarm.services()[0].id)
    assert TaskState.RUNNING in [task.state for task in tasks]


def test_a_private_image_needs_credentials_in_the_spec(swarm):
    task = task_of(swarm, Behaviour(private=True), 5)
    assert task.error.startswith("No such image")
    service = swarm.services()[0]
    swarm.update(service, {**service.spec, "Labels": {"a": "b"}}, "secret")
    swarm.clock.sleep(20)
    assert swarm.tasks(service.id)[0].running


def test_a_pushed_tag_has_another_digest_and_the_old_digest_stays(swarm):
    swarm.images["app:1"] = Behaviour()
    first = swarm.registry.resolve(Image.parse("app:1"))
    swarm.images["app:1"] = Behaviour(status=500)
    second = swarm.registry.resolve(Image.parse("app:1"))
    assert first.digest != second.digest
    assert swarm.registry.resolve(first) == first
    assert swarm.images.find(first) == Behaviour()


def test_a_stopping_task_is_off_the_load_balancer_while_it_still_runs(swarm):
    networks = {"Networks": [{"Target": "net"}]}
    task = task_of(swarm, Behaviour(stop_seconds=4), 10, **networks)
    service = swarm.services()[0]
    load = swarm.load(service, rate=10)
    swarm.update(service, {**service.spec, "Mode": {"Replicated": {"Replicas": 0}}}, None)
    swarm.clock.sleep(1)
    assert (swarm.tasks(service.id)[0].state, swarm.tasks(service.id)[0].desired) == (
        TaskState.RUNNING,
        TaskState.REMOVE,
    )
    assert load.failed >= 9
    swarm.clock.sleep(4.8)
    assert swarm.tasks(service.id)[0].id == task.id
    swarm.clock.sleep(2)
    assert swarm.tasks(service.id) == ()


def test_a_manager_knows_only_the_images_that_its_node_has(swarm):
    swarm.images["app:1"] = Behaviour(healthcheck=True)
    swarm.images["bare:1"] = Behaviour(healthcheck=False)
    swarm.create_service("web", "app:1", replicas=2)
    assert swarm.image_config(Image.parse("app:1")).healthcheck.checks
    assert swarm.image_config(Image.parse("bare:1")) is None
