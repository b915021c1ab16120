"""Virtual time and the things that go on in it."""

from __future__ import annotations

import pytest

from rollout.sim import Behaviour, Killed, SimClock, SimSwarm, kill
from rollout.sim.clock import EPOCH
from rollout.sim.process import Processes, Steps, pause, until


def test_what_is_due_happens_in_order_while_the_clock_sleeps():
    clock, seen = SimClock(), []
    clock.call_later(2, lambda: seen.append(("late", clock.now())))
    clock.call_later(1, lambda: seen.append(("early", clock.now())))
    clock.call_later(1, lambda: seen.append(("early too", clock.now())))
    clock.call_later(9, lambda: seen.append(("never", clock.now())))
    clock.sleep(5)
    assert seen == [("early", 1), ("early too", 1), ("late", 2)]
    assert (clock.now(), (clock.wall() - EPOCH).total_seconds()) == (5, 5)


def test_what_is_cancelled_does_not_happen():
    clock, seen = SimClock(), []
    clock.call_later(1, lambda: seen.append("no")).cancel()
    clock.sleep(2)
    assert seen == []


def test_a_past_moment_is_due_as_soon_as_time_moves():
    clock, seen = SimClock(), []
    clock.sleep(5)
    clock.call_at(1, lambda: seen.append(clock.now()))
    assert seen == []
    clock.sleep(0)
    assert seen == [5]


def test_an_action_may_itself_sleep_and_time_never_goes_back():
    clock, seen = SimClock(), []
    clock.call_later(1, lambda: clock.sleep(10))
    clock.call_later(2, lambda: seen.append(clock.now()))
    clock.sleep(3)
    assert (seen, clock.now()) == ([2], 11)


def test_a_killing_comes_out_of_the_sleep_and_the_world_goes_on_without_the_dead():
    clock, seen = SimClock(), []
    clock.call_later(1, kill)
    clock.call_later(2, lambda: seen.append("after"))
    with pytest.raises(Killed):
        clock.sleep(5)
    assert (clock.now(), seen) == (1, [])
    clock.sleep(5)
    assert seen == ["after"]


def test_processes_wait_for_time_or_for_each_other():
    clock = SimClock()
    processes, seen = Processes(clock), []

    def first() -> Steps:
        yield pause(3)
        seen.append(("first", clock.now()))

    def second(other) -> Steps:
        yield until(lambda: other.ended)
        seen.append(("second", clock.now()))
        yield until(lambda: False, timeout=4)
        seen.append(("timed out", clock.now()))

    processes.start(second(processes.start(first())))
    clock.sleep(10)
    assert seen == [("first", 3), ("second", 3), ("timed out", 7)]


def test_a_stopped_process_does_nothing_more():
    clock, seen = SimClock(), []

    def steps() -> Steps:
        yield pause(1)
        seen.append("no")

    process = Processes(clock).start(steps())
    clock.sleep(0.5)
    process.stop()
    clock.sleep(5)
    assert (seen, process.ended) == ([], True)


def story(seed: int) -> list[tuple[str, str, str]]:
    swarm = SimSwarm(nodes=3, seed=seed)
    swarm.images["app:1"] = Behaviour(crash_after=7)
    service = swarm.create_service("web", "app:1", replicas=5)
    swarm.clock.sleep(60)
    return [(task.id, task.state.label, task.since) for task in swarm.tasks(service.id)]


def test_the_same_seed_tells_the_same_story():
    assert story(1) == story(1)
    assert story(1) != story(2)


def test_nothing_moves_unless_the_clock_does():
    swarm = SimSwarm()
    swarm.images["app:1"] = Behaviour()
    service = swarm.create({"Name": "web", "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}}})
    assert swarm.tasks(service.id) == ()
    swarm.clock.sleep(10)
    assert [task.running for task in swarm.tasks(service.id)] == [True]
