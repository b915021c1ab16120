"""What is wrong in one look: rule by rule, where the simulation would need too much of a stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rollout import pacing
from rollout.model import (
    Ailment,
    Condition,
    Image,
    Level,
    Node,
    Order,
    ProbeResult,
    Service,
    Task,
    TaskState,
    Vigil,
    WatchProbe,
)
from rollout.ports import Entry
from rollout.state.held import HeldLock
from rollout.state.record import Record, RecordState
from rollout.vigil.history import Death, History, died, remember
from rollout.vigil.rules import Examiner
from rollout.vigil.scope import Scope
from rollout.vigil.streak import Streak, after
from rollout.vigil.survey import LoginFound, Standing, Survey, stand, with_past

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "Name": "web",
    "Labels": {"tier": "web"},
    "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}},
    "Mode": {"Replicated": {"Replicas": 2}},
}


def service(state: str = "", wanted: Mapping[str, Any] = SPEC) -> Service:
    return Service("s1", "web", 7, wanted, state)


def task(
    state: TaskState = TaskState.RUNNING,
    slot: str = "1",
    *,
    age: float = 0.0,
    desired: TaskState = TaskState.RUNNING,
    **more: Any,
) -> Task:
    since = (NOW - timedelta(seconds=age)).isoformat()
    return Task(f"t{slot}", slot, state, desired, False, Image("app", "1"), since=since, **more)


def nodes(*ready: bool, managers: int = 0) -> dict[str, Node]:
    return {
        f"n{number}": Node(
            f"n{number}", f"node-{number}", ok, manager=number < managers, gone=not ok, reachable=ok
        )
        for number, ok in enumerate(ready)
    }


def found(*standings: Standing, vigil: Vigil = Vigil(), **more: Any) -> tuple[Condition, ...]:  # noqa: B008
    survey = Survey(0.0, NOW, standings, **more)
    return Examiner(vigil).examine(survey, remember(History(), survey, vigil), frozenset())


def whole(one: Service) -> Standing:
    return stand(one, (task(), task(slot="2")), {})


def test_nothing_is_wrong_with_what_runs():
    assert found(whole(service()), nodes=nodes(True, True, True, managers=3)) == ()


class TestReplicas:
    def test_two_tasks_in_one_slot_are_one_replica(self):
        standing = stand(service(), (task(), task(), task(TaskState.STARTING, "2")), {})
        assert (standing.wanted, standing.started, standing.healthy) == (2, 2, 1)

    def test_a_global_service_wants_one_on_each_node_that_can_take_it(self):
        everywhere = {
            **SPEC,
            "Mode": {"Global": {}},
            "TaskTemplate": {**SPEC["TaskTemplate"], "Placement": {"Constraints": ["node.hostname!=node-1"]}},
        }
        assert stand(service(wanted=everywhere), (), nodes(True, True, True, False)).wanted == 2

    def test_one_on_a_node_that_is_paused_stands_for_no_other_node(self):
        everywhere = service(wanted={**SPEC, "Mode": {"Global": {}}})
        three = nodes(True, True, True)
        three["n2"] = replace(three["n2"], active=False)
        standing = stand(everywhere, (task(slot="n0"), task(slot="n2")), three)
        assert (standing.wanted, standing.healthy, standing.short) == (2, 1, True)

    def test_a_job_wants_none(self):
        job = {**SPEC, "Mode": {"ReplicatedJob": {"TotalCompletions": 3}}}
        assert stand(service(wanted=job), (), {}).wanted == 0

    def test_of_a_service_that_may_end_what_is_done_is_not_missing_and_what_failed_is(self):
        policy = {**SPEC["TaskTemplate"], "RestartPolicy": {"Condition": "none"}}
        short = stand(service(wanted={**SPEC, "TaskTemplate": policy}), (), {})
        ended = (task(TaskState.COMPLETE), task(TaskState.FAILED, "2"))
        assert with_past(short, ended).wanted == 1


class TestStuck:
    def test_a_task_that_does_not_get_healthy(self):
        slow = task(TaskState.STARTING, "2", age=301.0, node_id="n0")
        (_, condition) = found(stand(service(), (task(), slow), {}), nodes=nodes(True))
        assert (condition.ailment, condition.sentence) == (Ailment.STUCK, "a task does not get healthy")
        assert condition.facts == (("why", "starting on node-0"),)

    def test_one_that_waits_for_another_to_stop_is_not_stuck(self):
        waits = task(TaskState.READY, "2", age=3000.0, desired=TaskState.READY)
        conditions = found(stand(service(), (task(), waits), {}))
        assert [one.ailment for one in conditions] == [Ailment.REPLICAS]


class TestDeaths:
    @pytest.mark.parametrize(
        ("ended", "policy", "dead"),
        [
            (task(TaskState.FAILED), "any", True),
            (task(TaskState.COMPLETE), "any", True),
            (task(TaskState.COMPLETE), "on-failure", False),
            (task(TaskState.FAILED), "on-failure", True),
            (task(TaskState.SHUTDOWN), "any", False),
            (replace(task(TaskState.FAILED), image=Image("app", "2")), "any", False),
        ],
    )
    def test_what_counts_as_a_death(self, ended: Task, policy: str, dead: bool):
        template = {**SPEC["TaskTemplate"], "RestartPolicy": {"Condition": policy}}
        assert died(ended, service(wanted={**SPEC, "TaskTemplate": template})) is dead

    def test_the_first_look_sees_what_has_died_of_late_by_its_time_stamps(self):
        past = tuple(
            replace(task(TaskState.FAILED, age=age), id=f"d{age}") for age in (10.0, 60.0, 200.0, 400.0)
        )
        standing = replace(whole(service()), past=past)
        (condition,) = found(standing, vigil=Vigil(restarts=3, restart_window=300.0))
        assert condition.sentence == "tasks ended by themselves 3 times within 5m"

    def test_deaths_at_the_same_moment_count_once(self):
        deaths = tuple(Death(task(), at) for at in (0.0, 1.0, 2.9, 10.0, 11.0))
        assert [death.at for death in History({"s1": deaths}).recent("s1")] == [0.0, 10.0]


class TestUpdates:
    @pytest.mark.parametrize(
        ("state", "ailment"),
        [
            ("paused", Ailment.UPDATE_PAUSED),
            ("rollback_paused", Ailment.UPDATE_PAUSED),
            ("rollback_completed", Ailment.UPDATE_ROLLED_BACK),
        ],
    )
    def test_an_update_that_ended_badly(self, state: str, ailment: Ailment):
        assert [one.ailment for one in found(whole(service(state)))] == [ailment]

    @pytest.mark.parametrize("state", ["completed", "updating", ""])
    def test_one_that_did_not(self, state: str):
        assert found(whole(service(state))) == ()

    def test_a_release_of_ours_is_told_by_its_record(self):
        released = pacing.released(SPEC, 1, Order.START_FIRST, 3)
        assert found(whole(service("paused", released))) == ()


class TestManagers:
    @pytest.mark.parametrize(
        ("ready", "wrong"),
        [
            ((True,), 0),
            ((True, False), 0),
            ((True, True, True), 0),
            ((True, True, False), 1),
            ((True, True, True, True, False), 0),
            ((True, True, True, False, False), 1),
        ],
    )
    def test_a_margin_that_is_gone(self, ready: tuple[bool, ...], wrong: int):
        conditions = found(nodes=nodes(*ready, managers=len(ready)))
        assert sum(one.ailment == Ailment.QUORUM for one in conditions) == wrong

    def test_one_that_the_others_cannot_reach_is_lost_though_it_is_ready(self):
        three = nodes(True, True, True, managers=3)
        three["n2"] = replace(three["n2"], reachable=False)
        (condition,) = found(nodes=three)
        assert condition.sentence == "2 of 3 managers can be reached: no more may be lost"
        assert (condition.level, condition.facts) == (Level.FAILURE, (("lost", "node-2"),))


class TestDeployments:
    def entry(self, age: float, **labels: str) -> Entry:
        named = {"rollout.service": "s1", "rollout.who": "bob@desk", **labels}
        return Entry("e1", "rollout.lock.s1", 1, named, b"bob", NOW - timedelta(seconds=age))

    def record(self, state: RecordState) -> Record:
        return Record(self.entry(100.0), 4, state, SPEC, SPEC)

    def test_a_lock_without_signs_of_life_and_without_a_record(self):
        (condition,) = found(replace(whole(service()), lock=HeldLock(self.entry(31.0))))
        assert condition.sentence == "a deployment by bob@desk was cut off, and has left its lock behind"
        assert "rollout lock release web" in condition.next

    def test_a_lock_with_signs_of_life(self):
        lock = HeldLock(self.entry(12.0))
        assert found(replace(whole(service()), lock=lock, unfinished=self.record(RecordState.RUNNING))) == ()

    @pytest.mark.parametrize(
        ("state", "ailment"), [(RecordState.RUNNING, Ailment.ABANDONED), (RecordState.HELD, Ailment.HELD)]
    )
    def test_an_open_record_with_nobody_at_work(self, state: RecordState, ailment: Ailment):
        (condition,) = found(replace(whole(service()), unfinished=self.record(state)))
        assert condition.ailment == ailment
        assert "rollout resume web" in condition.next


class TestLogins:
    @pytest.mark.parametrize(
        ("left", "level"),
        [(7200.0, None), (1800.0, Level.WARNING), (-5.0, Level.FAILURE)],
    )
    def test_a_login_near_its_end(self, left: float, level: Level | None):
        login = LoginFound("registry.example", NOW + timedelta(seconds=left))
        assert [one.level for one in found(logins=(login,))] == ([level] if level else [])

    def test_one_without_an_end_and_one_that_cannot_be_had(self):
        (condition,) = found(logins=(LoginFound("a"), LoginFound("b", error="AWS says no")))
        assert (condition.subject, condition.facts) == ("b", (("why", "AWS says no"),))


class TestProbes:
    PROBE = WatchProbe("http://web/?token=hunter2", failures=2, successes=2)

    def run(self, *answers: bool) -> Streak:
        streak = Streak()
        for ok in answers:
            streak = after(streak, ProbeResult(ok, 0.1, 200, "" if ok else "status 500"), self.PROBE)
        return streak

    @pytest.mark.parametrize(
        ("answers", "failing"),
        [
            ((), False),
            ((False,), False),
            ((False, True, False), False),
            ((False, False), True),
            ((False, False, True), True),
            ((False, False, True, False), True),
            ((False, False, True, True), False),
        ],
    )
    def test_so_many_wrong_answers_in_a_row_and_so_many_right_ones(
        self, answers: tuple[bool, ...], failing: bool
    ):
        assert self.run(*answers).failing is failing

    def test_no_secret_in_an_address_is_told(self):
        (condition,) = found(probes=((self.PROBE, self.run(False, False)),))
        assert "hunter2" not in f"{condition}"
        assert condition.name == "http://web/"
        assert condition.facts[0] == ("why", "status 500")


class TestScope:
    SERVICES = (
        Service(
            "s1", "site_php", 1, {**SPEC, "Labels": {"com.docker.stack.namespace": "site", "tier": "web"}}
        ),
        Service("s2", "db", 1, {**SPEC, "Labels": {"tier": "db"}}),
        Service(
            "s3",
            "rollout-smoke-db-1",
            1,
            {"Name": "rollout-smoke-db-1", "Labels": {"rollout.kind": "oneshot"}},
        ),
    )

    @pytest.mark.parametrize(
        ("names", "labels", "ids"),
        [
            ((), (), ["s1", "s2"]),
            (("php",), (), ["s1"]),
            (("site_php", "db"), (), ["s1", "s2"]),
            ((), ("tier",), ["s1", "s2"]),
            ((), ("tier=db",), ["s2"]),
            (("php",), ("tier=db",), []),
        ],
    )
    def test_who_is_watched(self, names: tuple[str, ...], labels: tuple[str, ...], ids: list[str]):
        assert [one.id for one in Scope(names, labels).of(self.SERVICES)] == ids
