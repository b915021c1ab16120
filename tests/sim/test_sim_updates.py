"""Swarm's own updates, as ``docker service update`` would start them."""

from __future__ import annotations

import pytest

from rollout import pacing, spec
from rollout.model import Image, Order, Service, TaskState
from rollout.sim import Behaviour, Health, SimSwarm
from rollout.snapshot import slots_of

SECOND = 1_000_000_000


class Site:
    """A service on five nodes, and its updates."""

    def __init__(self, replicas: int = 4, **config: object) -> None:
        self.swarm = SimSwarm(nodes=5, seed=11)
        self.swarm.images["app:1"] = Behaviour()
        self.swarm.images["app:2"] = Behaviour()
        self.id = self.swarm.create_service("web", "app:1", replicas, UpdateConfig=config).id

    @property
    def service(self) -> Service:
        return self.swarm.service(self.id)

    @property
    def status(self) -> dict:
        return self.swarm.inspect(self.id).get("UpdateStatus", {})

    @property
    def moved(self) -> int:
        return sum(slot.done for slot in slots_of(self.swarm.tasks(self.id)))

    def update(self, image: str = "app:2", **changes: object) -> None:
        target = spec.raw(spec.with_image(self.service.spec, Image.parse(image)))
        self.swarm.update(self.service, target | changes, None)

    def after(self, seconds: float) -> Site:
        self.swarm.clock.sleep(seconds)
        return self


def test_an_update_goes_slot_by_slot_with_its_delay_in_between():
    site = Site(Parallelism=1, Delay=20 * SECOND, Order="start-first")
    site.update()
    moved = [site.after(wait).moved for wait in (10, 22, 22, 22)]
    assert moved == [1, 2, 3, 4]
    assert site.status["State"] == "updating"
    assert site.after(45).status["State"] == "completed"
    assert "CompletedAt" in site.status


def test_without_an_update_config_it_is_one_at_a_time_and_stop_first():
    site = Site()
    bare = spec.raw(site.service.spec)
    del bare["UpdateConfig"]
    site.swarm.update(site.service, bare, None)
    site.after(1).update()
    site.after(0.2)
    tasks = site.swarm.tasks(site.id)
    assert sum(task.running for task in tasks) == 3
    assert site.after(60).moved == 4


def test_a_failure_pauses_the_update():
    site = Site(Parallelism=1, Order="start-first")
    site.swarm.images["bad:1"] = Behaviour(crash_after=1)
    site.update("bad:1")
    assert site.after(30).status["State"] == "paused"
    assert site.status["Message"].startswith("update paused due to failure or early termination of task ")
    assert sum(not slot.touched for slot in slots_of(site.swarm.tasks(site.id))) >= 2


def test_any_write_resumes_a_paused_update():
    site = Site(Parallelism=1, Order="start-first")
    site.swarm.images["bad:1"] = Behaviour(crash_after=1)
    site.update("bad:1")
    site.after(30).update("app:2")
    assert site.after(60).moved == 4
    assert site.status["State"] == "completed"


def test_a_failure_after_the_monitoring_period_is_not_the_updates_business():
    site = Site(Parallelism=1, Monitor=2 * SECOND, Order="start-first")
    site.swarm.images["late:1"] = Behaviour(crash_after=300)
    site.update("late:1")
    assert site.after(60).status["State"] == "completed"


def test_failures_below_the_ratio_are_put_up_with():
    site = Site(Parallelism=1, MaxFailureRatio=1, Order="stop-first")
    site.swarm.images["bad:1"] = Behaviour(healthcheck=False, crash_after=1)
    site.update("bad:1")
    assert site.after(60).status["State"] == "completed"


def test_failures_do_not_matter_when_the_update_shall_continue():
    site = Site(Parallelism=1, FailureAction="continue", Order="stop-first")
    site.swarm.images["bad:1"] = Behaviour(healthcheck=False, crash_after=1)
    site.update("bad:1")
    assert site.after(60).status["State"] == "completed"


def test_swarms_own_rollback_brings_the_previous_spec_back():
    site = Site(Parallelism=1, FailureAction="rollback", Monitor=3 * SECOND, Order="start-first")
    before = site.service
    site.swarm.images["bad:1"] = Behaviour(crash_after=1)
    site.update("bad:1")
    assert site.after(60).status["State"] == "rollback_completed"
    assert site.status["Message"] == "rollback completed"
    assert site.service.spec == before.spec
    assert site.service.version > before.version
    assert "PreviousSpec" not in site.swarm.inspect(site.id)
    assert site.moved == 4


def test_a_rollback_is_never_rolled_back():
    site = Site(Parallelism=1, FailureAction="rollback", Monitor=3 * SECOND)
    site.swarm.images["bad:1"] = Behaviour(crash_after=1)
    site.update("bad:1")
    site.after(0.5)
    del site.swarm.images["app:1"]
    site.swarm.registry.images["app:1"] = Behaviour(health=Health.BAD, start_seconds=1)
    assert site.after(60).status["State"] == "rollback_paused"


def test_the_same_spec_again_switches_the_automatic_rollback_off():
    site = Site(Parallelism=1, FailureAction="rollback", Monitor=9 * SECOND, Order="start-first")
    site.swarm.images["bad:1"] = Behaviour(crash_after=4)
    site.update("bad:1")
    site.after(3).update("bad:1")
    site.after(30)
    assert "State" not in site.status
    assert spec.image(site.service.spec).repository == "bad"


def test_a_write_by_somebody_else_in_the_middle_is_a_new_update_for_all():
    site = Site(Parallelism=1, Delay=3600 * SECOND, Order="start-first")
    site.update()
    assert site.after(10).moved == 1
    site.update(UpdateConfig={"Parallelism": 0, "Order": "start-first"})
    assert site.after(10).moved == 4


def test_more_replicas_are_added_and_fewer_taken_away():
    site = Site(replicas=2)
    site.update("app:1", Mode={"Replicated": {"Replicas": 6}})
    assert site.after(10).moved == 6
    assert [slot.key for slot in slots_of(site.swarm.tasks(site.id))] == ["1", "2", "3", "4", "5", "6"]
    site.update("app:1", Mode={"Replicated": {"Replicas": 1}})
    site.after(10)
    assert len([task for task in site.swarm.tasks(site.id) if task.wanted]) == 1
    assert len(site.swarm.tasks(site.id)) == 1


def test_a_forced_update_replaces_everything_though_nothing_changed():
    site = Site(Parallelism=0, Order="start-first")
    before = {task.id for task in site.swarm.tasks(site.id)}
    site.swarm.update(site.service, spec.forced(site.service.spec), None)
    site.after(15)
    assert before.isdisjoint(task.id for task in site.swarm.tasks(site.id) if task.wanted)


def test_constraints_that_the_nodes_meet_replace_nothing():
    site = Site()
    before = {task.id for task in site.swarm.tasks(site.id)}
    placed = spec.raw(site.service.spec)
    placed["TaskTemplate"]["Placement"] = {"Constraints": ["node.role != nobody"]}
    site.swarm.update(site.service, placed, None)
    site.after(20)
    assert {task.id for task in site.swarm.tasks(site.id)} == before
    assert all(task.up_to_date for task in site.swarm.tasks(site.id))


def test_new_credentials_alone_replace_no_running_task():
    site = Site()
    before = {task.id for task in site.swarm.tasks(site.id)}
    site.swarm.update(site.service, site.service.spec, "other credentials")
    site.after(20)
    assert {task.id for task in site.swarm.tasks(site.id)} == before


def test_a_removed_service_takes_its_tasks_along():
    site = Site()
    site.swarm.remove_service("web")
    site.after(10)
    assert site.swarm.tasks(site.id) == ()
    assert site.swarm.services() == ()


def test_a_slot_keeps_its_last_five_tasks():
    site = Site(replicas=1, Parallelism=1)
    for number in range(9):
        site.update(f"app:{number % 2 + 1}")
        site.after(20)
    assert [task.state for task in site.swarm.tasks(site.id)] == [
        TaskState.RUNNING,
        *[TaskState.SHUTDOWN] * 4,
    ]


@pytest.mark.parametrize("order", list(Order))
def test_an_update_under_load_loses_requests_only_when_it_stops_first(order):
    site = Site(replicas=1, Parallelism=1, Order=str(order))
    load = site.swarm.load(site.service, rate=50)
    site.update()
    site.after(30)
    load.stop()
    assert load.requests == 1500
    assert (load.failed == 0) == (order == Order.START_FIRST)


def outage_after_a_rollback(seed: int, monitor: float) -> int:
    """Requests lost once the baseline serves again, where the target crashed while it was rolled back."""
    swarm = SimSwarm(nodes=3, seed=seed)
    swarm.images["app:1"] = Behaviour(start_seconds=3)
    swarm.images["app:2"] = Behaviour(healthcheck=False, start_seconds=0, crash_after=4)
    service = swarm.create_service("web", "app:1", replicas=1)
    target = spec.with_image(service.spec, Image.parse("app:2"))
    swarm.update(service, pacing.released(target, 1, Order.START_FIRST, 1), None)
    swarm.clock.sleep(4)
    back = spec.raw(pacing.rolled_back(service.spec, 1, Order.START_FIRST))
    back["UpdateConfig"]["Monitor"] = int(monitor * SECOND)
    swarm.update(swarm.service(service.id), back, None)
    swarm.clock.sleep(6)
    assert any(task.running and task.up_to_date for task in swarm.tasks(service.id))
    load = swarm.load(service, rate=100)
    swarm.clock.sleep(10)
    swarm.update(swarm.service(service.id), service.spec, None)
    swarm.clock.sleep(10)
    return load.failed


def test_a_rollback_that_completes_early_may_take_away_the_only_task_that_serves():
    """Seen on 20.10, for 3 s: a crash of the target in mid-rollback makes a second task of the baseline.

    When the update completes, the service is reconciled, and one of the two goes, whichever it is, though the
    other may not run yet. With a long monitor it completes only when somebody writes.
    """
    assert any(outage_after_a_rollback(seed, monitor=0) for seed in range(6))
    assert not any(outage_after_a_rollback(seed, monitor=3600) for seed in range(6))
