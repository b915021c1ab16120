"""The watcher on the simulated Swarm: what is told, when, how often, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from sim.watching import Ear, Inbox, Post, Slow

from rollout.errors import EngineUnavailable, NotDelivered, NotFound, RegistryUnavailable
from rollout.model import Image, Level, Login, Node, OnAbandoned, Order, Vigil, WatchProbe
from rollout.notify.form import text
from rollout.ports import Entry
from rollout.render.alerts import headline
from rollout.sim import Behaviour
from rollout.state.holder import Holder
from rollout.vigil.mending import attempt

LATE = 5.2
"""Seconds by which it may be told later than configured: a look at the usual pace, and a moment."""


def drain(post: Post) -> None:
    for number in (1, 2, 3):
        post.swarm.machines.drain(f"node-{number}")


def activate(post: Post) -> None:
    for number in (1, 2, 3):
        post.swarm.machines.activate(f"node-{number}")


class TestServices:
    def test_replicas_that_are_missing_are_told_once_and_once_that_they_are_back(self):
        post = Post(Vigil(replicas_for=30.0, calm=10.0))
        post.serve("web", replicas=3)
        post.watch(60.0)
        assert post.said == []
        drain(post)
        gone = post.now
        post.watch(300.0)
        assert post.said == ["web: 0 of 3 replicas run"]
        assert 30.0 <= post.times[0] - gone <= 30.0 + LATE
        activate(post)
        back = post.now
        post.watch(300.0)
        assert post.said[1:] == [f"over after {post.lasted(1)}: web: 0 of 3 replicas run"]
        assert 10.0 <= post.times[1] - back <= 10.0 + LATE + 5.0

    def test_all_replicas_gone_is_a_failure_and_some_a_warning(self):
        post = Post(Vigil(replicas_for=30.0))
        post.serve("web", replicas=3)
        post.serve("solo", replicas=2, TaskTemplate={"Placement": {"Constraints": ["node.hostname==node-2"]}})
        post.watch(20.0)
        post.swarm.machines.drain("node-2")
        post.watch(60.0)
        levels = {news.alert.lead.name: news.alert.lead.level for t in post.ear.heard for news in t.news}
        assert levels == {"solo": Level.FAILURE}

    def test_a_moment_without_a_replica_is_told_to_nobody(self):
        post = Post()
        post.serve("web", replicas=3)
        post.watch(20.0)
        post.kill("web")
        post.watch(600.0)
        assert post.said == []

    def test_a_task_that_is_killed_again_and_again_is_told_once_with_its_last_words(self):
        post = Post(Vigil(restarts=3, restart_window=120.0, calm=0.0))
        post.swarm.images["app:1"] = Behaviour(log=("Fatal error: out of luck", "DB_PASSWORD=hunter2"))
        post.serve("php", replicas=4)
        post.watch(30.0)
        for _ in range(6):
            post.kill("php")
            last = post.now
            post.watch(15.0)
        assert post.said == ["php: tasks ended by themselves 3 times within 2m"]
        (tidings,) = post.ear.heard
        assert list(tidings.logs.values()) == [("Fatal error: out of luck", "DB_PASSWORD=(hidden)")]
        assert dict(tidings.news[0].alert.lead.facts)["why"].startswith("task: non-zero exit (137) on node-")
        post.watch(300.0)
        assert post.kinds == ["alert", "alert_over"]
        assert 120.0 <= post.times[1] - last <= 120.0 + LATE

    def test_all_at_one_moment_as_when_an_engine_restarts_is_once(self):
        post = Post(Vigil(restarts=2, restart_window=300.0))
        post.serve("php", replicas=4)
        post.watch(30.0)
        for task in post.swarm.tasks(post.swarm.service("php").id):
            post.swarm.crash(task.id)
        post.watch(30.0)
        assert post.said == []
        post.kill("php")
        post.watch(30.0)
        assert post.said == ["php: tasks ended by themselves 2 times within 5m"]

    def test_the_third_death_is_told_with_the_next_look(self):
        post = Post(Vigil(restarts=3, restart_window=300.0))
        post.serve("php", replicas=4)
        post.watch(30.0)
        for _ in range(3):
            post.kill("php")
            died = post.now
            post.watch(20.0)
        assert post.times[0] - died <= LATE

    def test_a_task_that_finds_no_place_is_told_with_the_reason(self):
        post = Post(Vigil(replicas_for=3600.0, stuck_for=60.0))
        post.swarm.create(
            {
                "Name": "greedy",
                "TaskTemplate": {
                    "ContainerSpec": {"Image": "app:1"},
                    "Placement": {"Constraints": ["node.labels.disk==ssd"]},
                },
                "Mode": {"Replicated": {"Replicas": 1}},
            }
        )
        post.watch(120.0)
        assert post.said == ["greedy: a task does not start"]
        assert "no suitable node" in dict(post.ear.heard[0].news[0].alert.lead.facts)["why"]

    def test_a_command_that_is_done_for_good_is_no_trouble(self):
        post = Post(Vigil(replicas_for=10.0, restarts=1))
        post.swarm.images["job:1"] = Behaviour(healthcheck=False, crash_after=5.0, exit_code=0)
        policy = {"Condition": "on-failure"}
        post.swarm.create(
            {
                "Name": "job",
                "TaskTemplate": {"ContainerSpec": {"Image": "job:1"}, "RestartPolicy": policy},
                "Mode": {"Replicated": {"Replicas": 1}},
            }
        )
        post.watch(300.0)
        assert post.said == []

    def test_what_has_a_new_service_started_slowly_is_given_time(self):
        post = Post(Vigil(replicas_for=20.0, update_grace=600.0))
        post.serve("web")
        post.watch(10.0)
        post.swarm.images["slow:1"] = Behaviour(start_seconds=90.0)
        post.swarm.create(
            {
                "Name": "slow",
                "TaskTemplate": {"ContainerSpec": {"Image": "slow:1"}},
                "Mode": {"Replicated": {"Replicas": 2}},
            }
        )
        post.watch(300.0)
        assert post.said == []

    def test_only_those_that_were_asked_for_are_watched(self):
        post = Post(Vigil(services=("web",), replicas_for=10.0))
        post.serve("web")
        post.serve("other")
        drain(post)
        post.watch(60.0)
        assert post.said == ["web: 0 of 2 replicas run"]

    def test_one_that_was_asked_for_by_name_and_is_removed_is_told(self):
        post = Post(Vigil(services=("web",), replicas_for=10.0))
        service = post.serve("web")
        post.serve("other")
        post.watch(30.0)
        post.swarm.remove_service(service.id)
        post.watch(60.0)
        assert post.said == ["web: the service is not there any more"]
        post.serve("web")
        post.watch(60.0)
        assert post.kinds == ["alert", "alert_over"]

    def test_one_that_was_not_may_go(self):
        post = Post(Vigil(replicas_for=10.0))
        service = post.serve("web")
        post.watch(30.0)
        post.swarm.remove_service(service.id)
        post.watch(60.0)
        assert post.said == []

    def test_of_what_is_gone_or_wanted_no_more_it_is_said_why_it_is_over(self):
        post = Post(Vigil(replicas_for=10.0, calm=0.0, labels=("watched",)))
        made = {name: post.serve(name, Labels={"watched": "yes"}) for name in ("web", "db", "queue")}
        drain(post)
        post.watch(60.0)
        post.swarm.remove_service(made["web"].id)
        db, queue = post.swarm.service("db"), post.swarm.service("queue")
        post.swarm.update(db, {**db.spec, "Mode": {"Replicated": {"Replicas": 0}}}, None)
        post.swarm.update(queue, {**queue.spec, "Labels": {}}, None)
        post.watch(60.0)
        ends = sorted(one.partition(": ")[2] for one in post.said if one.startswith("over"))
        assert ends == [
            "db: 0 of 2 replicas run (no replica is wanted any more)",
            "queue: 0 of 2 replicas run (it is watched no more)",
            "web: 0 of 2 replicas run (it was removed)",
        ]

    def test_replicas_that_are_back_are_over_at_once_though_a_task_has_died_of_late(self):
        post = Post(Vigil(replicas_for=60.0, restarts=3, calm=10.0))
        post.serve("web", replicas=2)
        post.watch(400.0)
        post.swarm.images["app:1"] = Behaviour(start_seconds=80.0)
        post.kill("web")
        post.watch(900.0)
        assert post.kinds == ["alert", "alert_over"]
        assert post.times[1] - post.times[0] < 60.0

    def test_only_those_with_a_label_are_watched(self):
        post = Post(Vigil(labels=("tier=web",), replicas_for=10.0))
        post.serve("web", Labels={"tier": "web"})
        post.serve("other", Labels={"tier": "db"})
        drain(post)
        post.watch(60.0)
        assert post.said == ["web: 0 of 2 replicas run"]


class TestNodes:
    def test_a_lost_node_is_told_once_and_stands_for_all_that_ran_there(self):
        post = Post(Vigil(replicas_for=5.0, node_for=10.0))
        for number in range(6):
            post.serve(f"web{number}", replicas=3)
        post.watch(30.0)
        post.swarm.machines.lose("node-2")
        lost = post.now
        post.watch(120.0)
        assert post.said == ["the node node-2 is down"]
        down = lost + 15.0
        assert 10.0 <= post.times[0] - down <= 10.0 + LATE
        assert dict(post.ear.heard[0].news[0].alert.lead.facts)["it ran"].startswith("web0, web1")
        post.swarm.machines.find_again("node-2")
        post.watch(120.0)
        assert post.kinds == ["alert", "alert_over"]

    def test_services_that_find_no_other_place_are_covered_as_long_as_the_node_is_down(self):
        post = Post(Vigil(replicas_for=5.0, node_for=10.0))
        placed = {"Placement": {"Constraints": ["node.hostname==node-2"]}}
        for number in range(4):
            post.serve(f"web{number}", TaskTemplate=placed)
        post.watch(30.0)
        post.swarm.machines.lose("node-2")
        post.watch(900.0)
        dead = "the node node-2 is down, and no replica is left of web0, web1, web2, web3"
        assert post.said == ["the node node-2 is down", f"worse: {dead}"]

    def test_a_service_that_is_dead_behind_a_dead_worker_is_a_failure(self):
        post = Post(Vigil(replicas_for=60.0, node_for=10.0))
        post.serve("web", TaskTemplate={"Placement": {"Constraints": ["node.hostname==node-3"]}})
        post.serve("elsewhere", replicas=3)
        post.watch(30.0)
        post.swarm.machines.lose("node-3")
        post.watch(300.0)
        levels = [str(news.alert.lead.level) for told in post.ear.heard for news in told.news]
        assert levels == ["warning", "failure"]
        assert post.said[1] == "worse: the node node-3 is down, and no replica is left of web"
        assert 45.0 <= post.times[1] - post.times[0] <= 75.0

    def test_a_node_that_is_drained_or_removed_while_it_is_down_is_said_to_be_so(self):
        post = Post(Vigil(node_for=10.0))
        post.serve("web", replicas=2)
        post.watch(30.0)
        post.swarm.machines.lose("node-3")
        post.watch(60.0)
        post.swarm.machines.drain("node-3")
        post.watch(60.0)
        assert post.said[1].endswith("the node node-3 is down (it was drained, and is still down)")

    def test_what_a_machine_left_behind_under_its_old_id_is_no_lost_node(self, monkeypatch):
        post = Post(Vigil(node_for=10.0))
        post.serve("web", replicas=2)
        nodes = post.swarm.nodes

        def with_an_old_entry() -> tuple[Node, ...]:
            known = nodes()
            return (*known, replace(known[-1], id="stale0123456789", gone=True, ready=False))

        monkeypatch.setattr(post.swarm, "nodes", with_an_old_entry)
        post.watch(100.0)
        assert post.said == []

    def test_a_watcher_that_begins_while_a_node_is_down_knows_what_ran_there(self):
        post = Post(Vigil(replicas_for=60.0, node_for=10.0))
        for number in range(4):
            post.serve(f"web{number}", TaskTemplate={"Placement": {"Constraints": ["node.hostname==node-3"]}})
        post.watch(60.0)
        post.watcher.close()
        post.swarm.machines.lose("node-3")
        post.swarm.clock.sleep(90.0)
        post.relieve("the next")
        post.watch(300.0)
        assert [one for one in post.told if not one.startswith("the node")] == []

    def test_what_still_is_wrong_when_the_node_is_back_is_told_then(self):
        post = Post(Vigil(replicas_for=30.0, node_for=10.0, update_grace=0.0, calm=10.0))
        placed = {"Placement": {"Constraints": ["node.hostname==node-2"]}}
        post.serve("web", TaskTemplate=placed)
        post.watch(30.0)
        post.swarm.machines.lose("node-2")
        post.watch(120.0)
        post.swarm.machines.pause("node-2")
        post.swarm.machines.find_again("node-2")
        post.watch(300.0)
        assert post.told[0] == "the node node-2 is down"
        assert len(post.told) <= 2

    def test_trouble_that_begins_long_after_is_nobody_elses(self):
        post = Post(Vigil(replicas_for=5.0, node_for=10.0))
        post.serve("web", replicas=3)
        post.watch(30.0)
        post.swarm.machines.lose("node-2")
        post.watch(600.0)
        post.swarm.machines.drain("node-1")
        post.swarm.machines.drain("node-3")
        post.watch(120.0)
        assert post.told == ["the node node-2 is down", "web: 0 of 3 replicas run"]

    def test_what_died_with_a_node_is_no_news_when_it_is_back(self):
        post = Post(Vigil(restarts=1, node_for=0.0))
        post.serve("web", replicas=6)
        post.watch(30.0)
        node = next(one for one in post.swarm.nodes() if one.hostname == "node-2")
        ran = [task for task in post.swarm.tasks(post.swarm.service("web").id) if task.node_id == node.id]
        post.swarm.machines.lose("node-2")
        post.watch(60.0)
        post.swarm.machines.find_again("node-2")
        for task in ran:
            post.swarm.crash(task.id)
        post.watch(400.0)
        assert post.kinds == ["alert", "alert_over"]

    def test_a_node_that_was_drained_before_may_go(self):
        post = Post()
        post.swarm.machines.drain("node-3")
        post.serve("web", replicas=2)
        post.watch(30.0)
        post.swarm.machines.lose("node-3")
        post.watch(300.0)
        assert post.said == []


class TestProbes:
    def test_a_page_that_fails_is_told_after_so_many_answers_and_when_it_is_well(self):
        probe = WatchProbe("http://web/", name="shop", every=5.0, failures=3, successes=2)
        post = Post(Vigil(probes=(probe,), replicas_for=3600.0, calm=0.0))
        post.serve("web")
        post.watch(60.0)
        drain(post)
        broken = post.now
        post.watch(120.0)
        assert post.said == ["shop: the page does not answer as it should"]
        assert post.times[0] - broken <= 3 * 5.0 + LATE
        activate(post)
        post.watch(120.0)
        assert post.kinds == ["alert", "alert_over"]

    def test_one_wrong_answer_is_told_to_nobody(self):
        probe = WatchProbe("http://web/", every=5.0, failures=2)
        post = Post(Vigil(probes=(probe,)))
        post.serve("web", replicas=1)
        post.watch(61.0)
        post.kill("web")
        post.swarm.prober.routes["web"] = "nowhere"
        post.watch(5.0)
        post.swarm.prober.routes["web"] = "web"
        post.watch(60.0)
        assert post.said == []


class TestDeployments:
    def test_no_false_alarm_during_twenty_deployments(self):
        """Replicas go before others come, and bad ones die: all of it is the deployments' own doing."""
        vigil = Vigil(every=1.0, replicas_for=2.0, restarts=1, stuck_for=3.0, abandoned_for=5.0)
        post = Post(replace(vigil, update_grace=0.0))
        post.swarm.images["app:2"] = Behaviour(start_seconds=5.0)
        post.swarm.images["app:bad"] = Behaviour(crash_after=3.0, exit_code=255)
        post.serve("web", replicas=4)
        post.serve("other", replicas=2)
        post.accompany()
        ended = []
        for image in ("app:2", "app:1", "app:bad", "app:2", "app:1") * 4:
            ended.append(str(post.deploy("web", image, order=Order.STOP_FIRST).kind))
            post.swarm.clock.sleep(7.0)
        post.swarm.clock.sleep(400.0)
        assert ended == ["deployed", "deployed", "rolled back", "deployed", "deployed"] * 4
        assert post.said == []

    def test_an_abandoned_deployment_is_told_once_and_over_when_somebody_resumes_it(self):
        post = Post(Vigil(every=1.0, abandoned_for=15.0, calm=5.0))
        post.serve("web", replicas=4)
        post.abandon("web", "app:2", after=12.0)
        post.watch(20.0)
        assert post.said == []
        post.watch(600.0)
        assert post.said == ["web: deployment 1 was abandoned: nobody is at work on it"]
        assert "rollout resume web" in post.ear.heard[0].news[0].alert.lead.next
        post.accompany()
        attempt(OnAbandoned.RESUME, post.request("web", None), post.world, Holder("ann@desk"))
        post.swarm.clock.sleep(30.0)
        assert post.kinds == ["alert", "alert_over"]

    @pytest.mark.parametrize(("how", "image"), [(OnAbandoned.ABORT, "1"), (OnAbandoned.RESUME, "2")])
    def test_it_is_mended_where_that_was_asked_for(self, how: OnAbandoned, image: str):
        post = Post(Vigil(every=1.0, on_abandoned=how))
        post.serve("web", replicas=4)

        def mend(service_id: str) -> str:
            name = post.swarm.service(service_id).name
            outcome = attempt(how, post.request(name, None), post.world, Holder("watcher"))
            return f"{outcome.kind}"

        post.mend = mend
        post.abandon("web", "app:2", after=12.0)
        post.watch(300.0)
        assert post.kinds == ["alert", "alert_over"]
        tasks = post.swarm.tasks(post.swarm.service("web").id)
        assert {task.image.tag for task in tasks if task.running} == {image}

    def test_nothing_is_mended_unless_it_was_asked_for_and_then_once(self):
        post = Post(Vigil(every=1.0))
        post.serve("web", replicas=4)
        post.abandon("web", "app:2", after=12.0)
        post.watch(200.0)
        assert post.mended == []
        post.vigil = replace(post.vigil, on_abandoned=OnAbandoned.ABORT)
        for _ in range(3):
            post.relieve("ann@post")
            post.watch(200.0)
        assert len(post.mended) == 1

    def test_a_way_back_that_has_failed_is_told(self):
        post = Post(Vigil(every=1.0, abandoned_for=15.0))
        post.serve("web", replicas=4)
        post.abandon("web", "app:2", after=12.0)
        store = post.swarm.store
        (record,) = store.find({"rollout.kind": "record"})
        store.relabel(record, {**record.labels, "rollout.state": "failed"})
        for lock in store.find({"rollout.kind": "lock"}):
            store.remove(lock)
        post.watch(120.0)
        assert post.said == ["web: deployment 1 failed, and so did its way back: the service stands half-way"]
        lead = post.ear.heard[0].news[0].alert.lead
        assert (lead.level, lead.next) == (Level.FAILURE, "`rollout abort web` tries the way back again")
        assert attempt(OnAbandoned.ABORT, post.request("web", None), post.world, Holder("ann@desk"))
        post.watch(60.0)
        assert post.kinds == ["alert", "alert_over"]

    def test_a_deployment_that_is_held_is_told_when_it_is_forgotten(self):
        post = Post(Vigil(every=5.0, held_for=600.0))
        post.serve("web", replicas=4)
        asked = iter([None] * 20)
        from rollout import deploy

        outcome = deploy.deploy(
            post.request("web", "app:2"), post.world, Holder("bob@desk"), lambda: next(asked, 2)
        )
        assert outcome.kind == "held"
        post.watch(300.0)
        post.watcher.close()
        post.relieve("the next")
        post.watch(280.0)
        assert post.said == []
        post.watch(60.0)
        assert post.said == ["web: deployment 1 is held, and nobody goes on with it"]

    def test_swarms_own_update_explains_itself_for_a_time(self):
        post = Post(Vigil(every=1.0, replicas_for=5.0, update_grace=60.0, restarts=100, stuck_for=600.0))
        post.swarm.images["app:sick"] = Behaviour(start_seconds=10_000.0)
        service = post.serve("web", replicas=2)
        post.watch(10.0)
        template = {"ContainerSpec": {"Image": "app:sick"}}
        spec = {**service.spec, "TaskTemplate": template}
        post.swarm.update(post.swarm.service(service.id), spec, None)
        post.watch(50.0)
        assert post.said == []
        post.watch(60.0)
        assert post.said == ["web: 1 of 2 replicas runs"]

    def test_an_update_that_swarm_has_paused_is_told(self):
        post = Post(Vigil(replicas_for=3600.0, restarts=100))
        post.swarm.images["app:bad"] = Behaviour(crash_after=1.0)
        service = post.serve("web", replicas=2, UpdateConfig={"Parallelism": 1, "FailureAction": "pause"})
        post.watch(10.0)
        spec = {**service.spec, "TaskTemplate": {"ContainerSpec": {"Image": "app:bad"}}}
        post.swarm.update(post.swarm.service(service.id), spec, None)
        post.watch(120.0)
        assert post.said == ["web: Swarm has paused its update"]


class TestTheWatcherItself:
    def test_an_engine_that_is_away_for_a_minute_is_no_news(self):
        post = Post(Vigil(replicas_for=30.0))
        post.serve("web")
        post.watch(30.0)
        post.swarm.faults.go_away(60.0)
        post.watch(300.0)
        assert post.said == []
        assert post.ear.remarks[-2:] == [
            "the engine does not answer; trying again every 5s",
            "the Swarm answers again",
        ]

    def test_one_that_stays_away_is_told_and_when_it_is_back(self):
        post = Post(Vigil(engine_for=120.0))
        post.serve("web")
        post.watch(30.0)
        post.swarm.faults.go_away(600.0)
        gone = post.now
        post.watch(900.0)
        assert post.said[0] == "the Swarm cannot be looked at"
        assert post.kinds == ["alert", "alert_over"]
        assert 120.0 <= post.times[0] - gone <= 120.0 + LATE

    def test_one_that_is_away_when_the_watch_begins_is_told(self):
        post = Post(Vigil(engine_for=120.0))
        post.serve("web")
        post.swarm.faults.go_away(3600.0)
        post.watch(600.0)
        assert post.said == ["the Swarm cannot be looked at"]
        assert dict(post.ear.heard[0].news[0].alert.lead.facts)["seen by"] == "ann@post"

    def test_who_stands_by_tells_that_it_is_away_since_the_other_may_be_gone_with_it(self):
        post = Post(Vigil(engine_for=120.0))
        post.serve("web")
        ear = Ear()
        second = post.another("eve@post", ear)
        post.watch(30.0, second)
        post.swarm.faults.go_away(600.0)
        post.watcher = second
        post.watch(1000.0)
        assert [str(news.kind) for told in ear.heard for news in told.news] == ["alert", "alert_over"]

    def test_time_in_which_nothing_could_be_seen_does_not_count(self):
        post = Post(Vigil(replicas_for=60.0))
        post.serve("web")
        post.watch(30.0)
        drain(post)
        post.watch(20.0)
        post.swarm.faults.go_away(100.0)
        post.watch(100.0)
        post.watch(20.0)
        assert post.said == []
        post.watch(60.0)
        assert post.told == ["web: 0 of 2 replicas run"]

    def test_its_own_restart_tells_nothing_twice_and_forgets_nothing(self):
        post = Post(Vigil(replicas_for=10.0))
        post.serve("web")
        drain(post)
        post.watch(60.0)
        for life in range(5):
            post.watcher.close()
            post.relieve(f"life {life}")
            post.watch(60.0)
        assert post.told == ["web: 0 of 2 replicas run"]
        post.watcher.close()
        activate(post)
        post.swarm.clock.sleep(60.0)
        post.relieve("the last")
        post.watch(60.0)
        assert post.kinds == ["alert", "alert_over"]

    def test_a_page_that_failed_before_its_restart_fails_until_it_has_shown_the_contrary(self):
        probe = WatchProbe("http://web/", name="shop", every=20.0, failures=3, successes=2)
        post = Post(Vigil(probes=(probe,), replicas_for=3600.0, stuck_for=3600.0, calm=0.0))
        post.serve("web")
        drain(post)
        post.watch(120.0)
        for life in range(3):
            post.watcher.close()
            post.relieve(f"life {life}")
            post.watch(90.0)
        assert post.said == ["shop: the page does not answer as it should"]
        activate(post)
        post.watcher.close()
        post.relieve("the last")
        post.watch(120.0)
        assert post.kinds == ["alert", "alert_over"]

    def test_a_login_that_is_about_to_end_is_told_once_restart_or_not(self, monkeypatch):
        post = Post(Vigil(login_left=3600.0, calm=0.0))
        post.serve("web")
        end = post.swarm.clock.wall() + timedelta(hours=2)
        monkeypatch.setattr(post.swarm.registry, "login", lambda _image: Login("header", end))
        post.watch(3000.0)
        assert post.said == []
        post.watch(1800.0)
        post.relieve("ann@post")
        post.watch(600.0)
        assert post.said == ["the login for app is about to end"]
        post.watcher.close()
        post.background = Slow(post.swarm.clock, 60.0)
        post.relieve("ann@post")
        post.watch(600.0)
        assert post.said == ["the login for app is about to end"]
        end += timedelta(hours=12)
        post.watch(1200.0)
        assert post.kinds == ["alert", "alert_over"]

    def test_a_login_that_cannot_be_had_for_a_moment_is_no_news(self, monkeypatch):
        post = Post()
        post.serve("web")
        answers = iter([RegistryUnavailable("name does not resolve")])

        def login(_image: Image) -> None:
            for error in answers:
                raise error

        monkeypatch.setattr(post.swarm.registry, "login", login)
        post.watch(1800.0)
        assert post.said == []

    def test_one_that_stays_so_is_told_whatever_the_error(self, monkeypatch):
        post = Post()
        post.serve("web")

        def login(_image: Image) -> None:
            raise ValueError("token=hunter2")

        monkeypatch.setattr(post.swarm.registry, "login", login)
        post.watch(1800.0)
        assert post.said == ["there is no login for app"]
        assert "hunter2" not in f"{post.ear.heard}"
        assert post.times[0] <= 150.0 + LATE

    def test_a_mistake_of_ours_ends_a_look_and_not_the_watch(self, monkeypatch):
        post = Post(Vigil(engine_for=60.0))
        post.serve("web")
        post.watch(30.0)
        with monkeypatch.context() as broken:
            broken.setattr(post.swarm, "nodes", lambda: 1 / 0)
            post.watch(120.0)
        post.watch(60.0)
        assert post.kinds == ["alert", "alert_over"]
        assert "ZeroDivisionError" in dict(post.ear.heard[0].news[0].alert.lead.facts)["why"]

    def test_a_service_that_is_removed_while_it_looks_is_no_trouble(self, monkeypatch):
        post = Post()
        post.serve("web", replicas=1)

        def gone(_ids: object) -> None:
            raise NotFound("service web not found")

        monkeypatch.setattr(post.swarm, "past_tasks", gone)
        post.watch(60.0)
        assert post.watcher.picture.failures == 0

    def test_a_second_watcher_stands_by_until_the_first_is_gone(self):
        post = Post(Vigil(replicas_for=10.0))
        post.serve("web")
        ear = Ear()
        second = post.another("eve@post", ear)
        post.watch(60.0, second)
        assert any("standing by: ann@post" in said for said in ear.remarks)
        drain(post)
        post.watch(60.0, second)
        assert (len(post.said), ear.heard) == (1, [])
        first = post.watcher
        post.watcher = second
        post.watch(120.0)
        assert any(said.startswith("watching") for said in ear.remarks)
        assert ear.heard == []
        activate(post)
        post.watch(60.0, first)
        assert [str(news.kind) for tidings in ear.heard for news in tidings.news] == ["alert_over"]
        assert post.kinds == ["alert"]

    def test_what_is_still_wrong_is_told_again_at_the_pace_that_was_chosen_restart_or_not(self):
        post = Post(Vigil(replicas_for=10.0, remind=3600.0))
        post.serve("web")
        drain(post)
        post.watch(5400.0)
        assert post.kinds == ["alert", "alert_reminder"]
        post.relieve("ann@post")
        post.watch(3600.0)
        assert post.kinds == ["alert", "alert_reminder", "alert_reminder"]

    def test_the_swarm_is_written_to_only_when_what_is_open_changes(self):
        post = Post(Vigil(replicas_for=10.0))
        post.serve("web")
        post.watch(60.0)
        drain(post)
        post.watch(60.0)
        pages = post.swarm.store.find({"rollout.kind": "alerts"})
        assert len(pages) == 1
        before = pages[0].version
        post.watch(3000.0)
        (page,) = post.swarm.store.find({"rollout.kind": "alerts"})
        assert page.version == before


class TestTelling:
    def test_a_message_says_what_where_why_and_what_to_do(self):
        inbox = Inbox()
        post = Post(Vigil(replicas_for=10.0), 3, inbox)
        post.serve("web")
        drain(post)
        post.watch(60.0)
        (message,) = inbox.messages
        assert (message.event, message.title) == ("alert", "web: 0 of 2 replicas run")
        assert "no suitable node" in text(message)
        assert "rollout status web" in message.next
        assert message.details["service"] == "web"

    def test_a_channel_that_is_down_gets_it_later_and_the_others_at_once(self):
        down, well = Inbox("Pager", NotDelivered("it answers HTTP 500")), Inbox("Chat")
        post = Post(Vigil(replicas_for=10.0), 3, down, well)
        post.serve("web")
        drain(post)
        post.watch(120.0)
        assert len(well.messages) == 1
        down.error = None
        post.watch(60.0)
        assert len(down.messages) == 1

    def test_many_at_once_are_one_message(self):
        inbox = Inbox()
        post = Post(Vigil(replicas_for=10.0), 3, inbox)
        for number in range(9):
            post.serve(f"web{number}", replicas=1)
        drain(post)
        post.watch(60.0)
        (message,) = inbox.messages
        assert message.title == "9 things are wrong"
        assert all(f"web{number}: 0 of 1 replica run" in text(message) for number in range(9))

    def test_many_that_begin_one_after_the_other_are_few_messages(self):
        inbox = Inbox()
        post = Post(Vigil(replicas_for=60.0, stuck_for=1e6), 3, inbox)
        for number in range(30):
            post.serve(f"web{number}", replicas=1)
        post.watch(60.0)
        nowhere = {"Placement": {"Constraints": ["node.hostname==nowhere"]}}
        update = {"Order": "stop-first", "Parallelism": 0}
        post.vigil = replace(post.vigil, update_grace=0.0)
        post.relieve("ann@post")
        for number in range(30):
            web = post.swarm.service(f"web{number}")
            template = {**web.spec["TaskTemplate"], **nowhere}
            post.swarm.update(web, {**web.spec, "TaskTemplate": template, "UpdateConfig": update}, None)
            post.watch(2.5)
        post.watch(300.0)
        assert len(inbox.messages) <= 12
        told = "\n".join(f"{message.title}\n{text(message)}" for message in inbox.messages)
        assert all(told.count(f"web{number}: 0 of 1 replica run") >= 1 for number in range(30))

    def test_what_comes_and_goes_is_told_so_once_and_then_only_when_it_has_stayed_well(self):
        inbox = Inbox()
        post = Post(Vigil(node_for=5.0, calm=10.0), 3, inbox)
        post.serve("web", replicas=2)
        post.watch(30.0)
        for _ in range(20):
            post.swarm.machines.lose("node-3")
            post.watch(40.0)
            post.swarm.machines.find_again("node-3")
            post.watch(25.0)
        began = post.said[:]
        assert [one for one in began if "comes and goes" in one] == [
            "the node node-3 is down (it comes and goes)"
        ]
        assert len(began) == 5
        well = post.now
        post.watch(900.0)
        assert post.kinds[5:] == ["alert_over"]
        assert post.times[-1] - well >= 550.0

    def test_all_messages_about_one_trouble_have_one_key_and_one_topic(self):
        inbox = Inbox()
        post = Post(Vigil(replicas_for=30.0, remind=60.0), 3, inbox)
        service = post.serve("web")
        drain(post)
        post.watch(200.0)
        activate(post)
        post.watch(60.0)
        assert [message.event for message in inbox.messages[:2]] == ["alert", "alert_reminder"]
        assert inbox.messages[-1].event == "alert_over"
        assert {message.topic for message in inbox.messages} == {"service web"}
        assert {message.details["alert"] for message in inbox.messages} == {f"service/{service.id}"}

    def test_it_says_since_when(self):
        inbox = Inbox()
        post = Post(Vigil(replicas_for=30.0), 3, inbox)
        post.serve("web")
        post.watch(30.0)
        drain(post)
        post.watch(60.0)
        assert dict(inbox.messages[0].facts)["since"].startswith("09:00:3")

    def test_a_mender_that_fails_ends_nothing(self):
        post = Post(Vigil(every=1.0, on_abandoned=OnAbandoned.ABORT))
        post.serve("web", replicas=4)

        def broken(_service_id: str) -> str:
            raise KeyError("oops")

        post.mend = broken
        post.abandon("web", "app:2", after=12.0)
        post.watch(200.0)
        assert post.kinds == ["alert"]
        assert "web: its abandoned deployment could not be mended: KeyError" in post.ear.remarks

    def test_what_is_not_taken_before_a_restart_is_taken_after_it(self):
        inbox, other = Inbox(error=NotDelivered("it is away")), Inbox("Mail")
        post = Post(Vigil(replicas_for=10.0), 3, inbox, other)
        post.serve("web")
        drain(post)
        post.watch(120.0)
        post.watcher.close()
        inbox.error = None
        post.relieve("the next")
        post.watch(60.0)
        for one in (inbox, other):
            assert [message.title for message in one.messages] == ["web: 0 of 2 replicas run"]

    def test_also_that_it_is_over(self):
        inbox = Inbox()
        post = Post(Vigil(replicas_for=10.0), 3, inbox)
        post.serve("web")
        drain(post)
        post.watch(60.0)
        inbox.error = NotDelivered("it is away")
        activate(post)
        post.watch(60.0)
        assert post.kinds == ["alert", "alert_over"]
        post.watcher.close()
        inbox.error = None
        post.relieve("the next")
        post.watch(60.0)
        assert [message.event for message in inbox.messages] == ["alert", "alert_over"]

    def test_what_is_taken_while_it_ends_is_not_sent_again(self):
        inbox = Inbox(error=NotDelivered("it is away"))
        post = Post(Vigil(replicas_for=10.0), 3, inbox)
        post.serve("web")
        drain(post)
        post.watch(60.0)
        inbox.error = None
        post.outbox.flush(300.0)
        post.watcher.close()
        post.relieve("the next")
        post.watch(60.0)
        assert [message.event for message in inbox.messages] == ["alert"]

    def test_a_receiver_that_is_away_for_an_hour_gets_it_long_before_the_reminder(self):
        inbox = Inbox(error=NotDelivered("it is away"))
        post = Post(Vigil(every=30.0, replicas_for=10.0), 3, inbox)
        post.serve("web")
        drain(post)
        post.watch(3600.0)
        inbox.error = None
        post.watch(310.0)
        assert [message.event for message in inbox.messages] == ["alert"]

    def test_what_could_not_be_kept_is_said_once(self, monkeypatch):
        post = Post(Vigil(replicas_for=10.0))
        create = post.swarm.store.create

        def full(name: str, data: bytes, labels: Mapping[str, str]) -> Entry:
            if name.startswith("rollout.alerts"):
                raise EngineUnavailable("no space left")
            return create(name, data, labels)

        monkeypatch.setattr(post.swarm.store, "create", full)
        post.serve("web")
        drain(post)
        post.watch(600.0)
        assert post.said == ["web: 0 of 2 replicas run"]
        assert [one for one in post.ear.remarks if "kept" in one] == [
            "the open alerts could not be kept: no space left"
        ]


class TestMending:
    """What the watcher does by itself about an abandoned deployment, and how often."""

    @pytest.fixture
    def post(self) -> Post:
        self.inbox = Inbox()
        made = Post(Vigil(every=5.0, on_abandoned=OnAbandoned.RESUME), 3, self.inbox)
        made.serve("web", replicas=4)
        made.watch(20.0)
        made.abandon("web", "app:2", after=12.0)
        return made

    def test_an_attempt_that_is_cut_off_is_not_made_again_and_again(self, post: Post):
        tries: list[float] = []

        def mend(_service_id: str) -> str:
            tries.append(post.now)
            release = post.hold_lock("web")
            post.swarm.clock.call_later(40.0, release)
            return "mended"

        post.mend = mend
        post.watch(1800.0)
        assert len(tries) == 1
        assert post.kinds == ["alert"]

    def test_an_error_that_passes_does_not_use_up_the_only_try(self, post: Post):
        answers: list[Exception | None] = [EngineUnavailable("the engine does not answer"), None]

        def mend(_service_id: str) -> str:
            error = answers.pop(0)
            if error:
                raise error
            return "mended"

        post.mend = mend
        post.watch(600.0)
        assert answers == []
        assert "mended" in post.ear.remarks

    def test_one_that_stays_is_told_as_a_message(self, post: Post):
        tries: list[float] = []

        def mend(_service_id: str) -> str:
            tries.append(post.now)
            raise EngineUnavailable("the engine does not answer")

        post.mend = mend
        post.watch(1800.0)
        assert len(tries) == 3
        (message,) = [one for one in self.inbox.messages if one.event == "mending_failed"]
        assert message.title == "web: its abandoned deployment could not be mended"
        assert ("why", "the engine does not answer") in message.facts
        assert "rollout resume web" in message.next


class TestClocks:
    """Managers' clocks that differ from the leader's."""

    def test_no_deployment_is_taken_for_abandoned_by_the_clock_of_another_manager(self, monkeypatch):
        post = Post()
        post.serve("web", replicas=4)
        now = post.swarm.now
        monkeypatch.setattr(post.swarm, "now", lambda: now() + timedelta(seconds=40))
        post.accompany()
        assert post.deploy("web", "app:2", bake=30.0).kind == "deployed"
        post.swarm.clock.sleep(60.0)
        assert post.said == []

    def test_of_two_watchers_one_tells(self, monkeypatch):
        post = Post(Vigil(replicas_for=10.0))
        post.serve("web")
        now = post.swarm.now
        monkeypatch.setattr(post.swarm, "now", lambda: now() + timedelta(seconds=70))
        ear = Ear()
        other = post.another("eve@post", ear)
        post.watch(30.0, other)
        drain(post)
        post.watch(900.0, other)
        assert (post.said, ear.heard) == (["web: 0 of 2 replicas run"], [])


class TestScopes:
    """Watchers of different services do not stand in each other's way."""

    def test_a_watcher_of_one_service_leaves_the_alerts_of_another_watcher_alone(self):
        post = Post(Vigil(replicas_for=10.0))
        post.serve("web")
        post.serve("db")
        drain(post)
        post.watch(60.0)
        assert sorted(post.said) == ["db: 0 of 2 replicas run", "web: 0 of 2 replicas run"]
        post.vigil = replace(post.vigil, services=("web",))
        ear = Ear()
        other = post.another("eve@post", ear)
        post.watch(60.0, other)
        assert [headline(news) for told in ear.heard for news in told.news] == ["web: 0 of 2 replicas run"]
        assert len(post.said) == 2

    def test_who_tells_nobody_takes_no_post(self):
        post = Post(Vigil(replicas_for=10.0))
        post.serve("web")
        ear = Ear()
        onlooker = post.onlooker("dev@laptop", ear)
        onlooker.step()
        assert onlooker.picture.role == "onlooker"
        assert post.swarm.store.find({}) == ()
        drain(post)
        post.watch(60.0, onlooker)
        assert post.said == ["web: 0 of 2 replicas run"]
        assert [str(news.kind) for told in ear.heard for news in told.news] == ["alert"]


class TestFigures:
    def test_records_that_cannot_be_read_do_not_blind_the_watch(self, monkeypatch):
        post = Post(Vigil(replicas_for=10.0))
        post.serve("web")
        find = post.swarm.store.find

        def refusing(labels: Mapping[str, str]) -> tuple[Entry, ...]:
            if labels.get("rollout.kind") == "record" and "rollout.state" not in labels:
                raise EngineUnavailable("the answer is too large")
            return find(labels)

        monkeypatch.setattr(post.swarm.store, "find", refusing)
        post.watch(30.0)
        drain(post)
        post.watch(60.0)
        assert post.said == ["web: 0 of 2 replicas run"]
