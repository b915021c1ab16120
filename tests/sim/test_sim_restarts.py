"""The restart policy."""

from __future__ import annotations

import pytest

from rollout.model import TaskState
from rollout.sim import Behaviour, SimSwarm, service_spec

SECOND = 1_000_000_000


def tasks_after(seconds: float, behaviour: Behaviour, **policy: object):
    swarm = SimSwarm(seed=2)
    swarm.images["app:1"] = behaviour
    template = {"RestartPolicy": policy} if policy else {}
    service = swarm.create(service_spec("web", "app:1", 1, {"TaskTemplate": template}))
    swarm.clock.sleep(seconds)
    return swarm.tasks(service.id)


def test_a_crashed_task_is_replaced_five_seconds_later():
    before = tasks_after(9.0, Behaviour(healthcheck=False, crash_after=2))
    assert [task.state for task in before] == [TaskState.READY, TaskState.FAILED]
    after = tasks_after(10.5, Behaviour(healthcheck=False, crash_after=2))
    assert [task.state for task in after] == [TaskState.RUNNING, TaskState.FAILED]


def test_the_delay_can_be_chosen():
    after = tasks_after(9.0, Behaviour(healthcheck=False, crash_after=2), Delay=3 * SECOND)
    assert [task.state for task in after] == [TaskState.RUNNING, TaskState.FAILED]


@pytest.mark.parametrize(
    ("condition", "exit_code", "tries"),
    [("none", 1, 1), ("none", 0, 1), ("on-failure", 0, 1), ("on-failure", 1, 4), ("any", 0, 4)],
)
def test_the_condition_decides(condition: str, exit_code: int, tries: int):
    behaviour = Behaviour(healthcheck=False, crash_after=1, exit_code=exit_code)
    tasks = tasks_after(30, behaviour, Condition=condition)
    assert min(len(tasks), 4) == tries


def test_the_attempts_can_be_limited():
    behaviour = Behaviour(healthcheck=False, crash_after=1)
    tasks = tasks_after(600, behaviour, MaxAttempts=2, Delay=SECOND)
    assert [task.state for task in tasks] == [TaskState.FAILED] * 3
    assert not any(task.wanted for task in tasks)


def test_attempts_within_a_window_are_forgotten_with_time():
    behaviour = Behaviour(healthcheck=False, crash_after=60)
    tasks = tasks_after(600, behaviour, MaxAttempts=2, Delay=SECOND, Window=30 * SECOND)
    assert tasks[0].wanted


def test_a_task_that_will_not_be_restarted_is_still_replaced_by_an_update():
    swarm = SimSwarm(seed=2)
    swarm.images["bad:1"] = Behaviour(healthcheck=False, crash_after=1)
    swarm.images["good:1"] = Behaviour()
    template = {"RestartPolicy": {"Condition": "none"}}
    service = swarm.create(service_spec("web", "bad:1", 1, {"TaskTemplate": template}))
    swarm.clock.sleep(20)
    assert not any(task.wanted for task in swarm.tasks(service.id))
    good = service_spec("web", "good:1", 1, {"TaskTemplate": template})
    swarm.update(swarm.service(service.id), good, None)
    swarm.clock.sleep(10)
    assert [task.running for task in swarm.tasks(service.id)] == [True, False]
