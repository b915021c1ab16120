"""Where tasks run, what becomes of them when a node goes, and what a new leader does."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from rollout import pacing, spec
from rollout.errors import NotFound
from rollout.model import Image, Order, Service, Task, TaskState
from rollout.sim import Behaviour, SimSwarm, service_spec
from rollout.snapshot import slots_of

GIB = 1024**3


class Site:
    """A service on three nodes."""

    def __init__(self, replicas: int | None = 3, **template: object) -> None:
        self.swarm = SimSwarm(nodes=3, seed=5)
        self.swarm.images["app:1"] = Behaviour()
        self.swarm.images["app:2"] = Behaviour()
        self.id = self.swarm.create(service_spec("web", "app:1", replicas, {"TaskTemplate": template})).id
        self.after(10)

    @property
    def service(self) -> Service:
        return self.swarm.service(self.id)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return self.swarm.tasks(self.id)

    @property
    def running(self) -> Counter[str]:
        """Running tasks by host name."""
        hosts = {node.id: node.hostname for node in self.swarm.nodes()}
        return Counter(hosts[task.node_id] for task in self.tasks if task.running)

    @property
    def moved(self) -> int:
        return sum(slot.done for slot in slots_of(self.tasks))

    def after(self, seconds: float) -> Site:
        self.swarm.clock.sleep(seconds)
        return self

    def release(self, slots: int, number: int) -> Site:
        target = spec.with_image(self.service.spec, Image.parse("app:2"))
        self.swarm.update(self.service, pacing.released(target, slots, Order.START_FIRST, number), None)
        return self.after(10)


def test_tasks_are_spread_over_the_nodes():
    assert set(Site(replicas=6).running.values()) == {2}


def test_constraints_are_kept():
    assert Site(Placement={"Constraints": ["node.role==manager"]}).running == {"node-1": 3}
    assert Site(Placement={"Constraints": ["node.hostname != node-1"]}).running.keys() == {"node-2", "node-3"}


def test_a_task_pends_until_a_node_suits_it():
    site = Site(Placement={"Constraints": ["node.labels.disk==ssd"]})
    assert {(task.state, task.error) for task in site.tasks} == {
        (TaskState.PENDING, "no suitable node (scheduling constraints not satisfied on 3 nodes)")
    }
    site.swarm.machines.label("node-2", {"disk": "ssd"})
    assert site.after(10).running == {"node-2": 3}


def test_reservations_are_respected_until_the_holder_has_stopped():
    site = Site(replicas=4, Resources={"Reservations": {"MemoryBytes": 5 * GIB}})
    assert sum(site.running.values()) == 3
    assert "insufficient resources on 3 nodes" in next(task.error for task in site.tasks if task.error)


def test_reasons_are_counted_and_the_commonest_comes_first():
    site = Site(Placement={"Constraints": ["node.hostname==node-9"]})
    site.swarm.machines.drain("node-3")
    reason = "scheduling constraints not satisfied on 2 nodes; 1 node not available for new tasks"
    assert {task.error for task in site.after(5).tasks} == {f"no suitable node ({reason})"}


def test_a_lost_nodes_tasks_come_back_elsewhere_with_the_new_spec():
    site = Site().release(1, 1)
    new = next(task for task in site.tasks if task.up_to_date and task.running)
    others = [node for node in site.swarm.nodes() if node.id != new.node_id]
    lost = next(node for node in others if node.hostname in site.running)
    before = site.running[lost.hostname]
    site.swarm.machines.lose(lost.hostname)
    assert site.after(14).running[lost.hostname] == before
    assert site.after(3).running[lost.hostname] == 0
    assert next(node.ready for node in site.swarm.nodes() if node.id == lost.id) is False
    assert sum(site.after(8).running.values()) == 3
    assert site.moved == 1 + before


def test_what_a_lost_node_ran_is_believed_to_run_for_a_day():
    site = Site()
    site.swarm.machines.lose("node-2")
    site.after(60)
    old = [task for task in site.tasks if not task.wanted]
    assert [task.state for task in old] == [TaskState.RUNNING]
    site.after(timedelta(days=1).total_seconds())
    assert [task.state for task in site.tasks if not task.wanted] == [TaskState.ORPHANED]


def test_a_node_that_returns_stops_what_has_moved_away():
    site = Site()
    site.swarm.machines.lose("node-2")
    site.after(40)
    site.swarm.machines.find_again("node-2")
    site.after(10)
    assert [task.state for task in site.tasks if not task.wanted] == [TaskState.SHUTDOWN]
    assert sum(site.running.values()) == 3


def test_a_node_that_is_away_for_a_moment_is_not_missed():
    site = Site()
    before = {task.id for task in site.tasks}
    site.swarm.machines.lose("node-2")
    site.after(5)
    site.swarm.machines.find_again("node-2")
    site.after(60)
    assert {task.id for task in site.tasks if task.running} == before


def test_a_drained_node_is_emptied_without_delay():
    site = Site()
    site.swarm.machines.drain("node-2")
    assert sum(site.after(5).running.values()) == 3
    assert "node-2" not in site.running


def test_a_paused_node_keeps_what_it_runs():
    site = Site()
    site.swarm.machines.pause("node-2")
    assert site.after(20).running["node-2"] == 1
    site.swarm.machines.activate("node-2")


def test_an_unknown_node_is_an_error_of_the_test():
    with pytest.raises(NotFound):
        Site().swarm.machines.lose("node-9")


def test_a_new_leader_releases_one_more_batch_and_then_it_holds_again():
    """Seen on 20.10: demoting the leader in the middle of a paced deployment replaced one more slot."""
    site = Site(replicas=5).release(2, 1)
    assert site.moved == 2
    site.swarm.elect_leader()
    assert site.after(10).moved == 4
    assert site.after(86400).moved == 4


def test_a_new_leader_finishes_the_restarts_of_the_old_one():
    site = Site()
    site.swarm.crash(site.tasks[0].id)
    site.after(1)
    site.swarm.elect_leader()
    assert sum(site.after(10).running.values()) == 3


def test_a_global_service_follows_the_nodes():
    site = Site(replicas=None)
    assert site.running == {"node-1": 1, "node-2": 1, "node-3": 1}
    site.swarm.machines.add(1)
    assert site.after(10).running["node-4"] == 1
    site.swarm.machines.drain("node-4")
    assert site.after(10).running == {"node-1": 1, "node-2": 1, "node-3": 1}
    site.swarm.machines.lose("node-2")
    assert site.after(30).running == {"node-1": 1, "node-3": 1}
    site.swarm.machines.find_again("node-2")
    assert site.after(10).running == {"node-1": 1, "node-2": 1, "node-3": 1}


def test_a_global_task_that_crashes_comes_back_on_its_node():
    site = Site(replicas=None)
    crashed = site.tasks[0]
    site.swarm.crash(crashed.id)
    site.after(15)
    assert site.tasks[0].node_id == crashed.node_id
    assert site.running == {"node-1": 1, "node-2": 1, "node-3": 1}


def test_a_global_services_constraint_clears_the_other_nodes():
    site = Site(replicas=None)
    placed = spec.raw(site.service.spec)
    placed["TaskTemplate"]["Placement"] = {"Constraints": ["node.role==worker"]}
    site.swarm.update(site.service, placed, None)
    assert site.after(10).running == {"node-2": 1, "node-3": 1}


def test_the_engine_may_have_another_time_of_day():
    site = Site()
    site.swarm.engine_clock.skew = 90.0
    ahead = site.swarm.now() - site.swarm.clock.wall()
    assert ahead == timedelta(seconds=90)
    entry = site.swarm.store.create("lock", b"data", {})
    assert entry.updated == site.swarm.now()


def test_the_managers_know_nothing_of_a_cut_until_they_miss_the_node():
    """Else the replica of a global service would be replaced there at once, by one that cannot start."""
    swarm = SimSwarm(nodes=3, seed=1)
    swarm.images["app:1"] = swarm.images["app:2"] = Behaviour()
    service = swarm.create_service("web", "app:1", None)
    target = spec.with_image(service.spec, Image("app", "2"))
    swarm.update(service, pacing.released(target, 1, Order.START_FIRST, 1), None)
    swarm.clock.sleep(10.0)
    (old, *_) = [task for task in swarm.tasks(service.id) if task.running and task.image.tag == "1"]
    before = {task.id for task in swarm.tasks(service.id)}
    swarm.machines.lose(old.node_id)
    swarm.clock.sleep(3.0)
    assert {task.id for task in swarm.tasks(service.id)} == before
