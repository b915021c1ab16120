"""One look for cron and pipelines: what is wrong is said, whatever nobody can have remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sim.watching import Post

from rollout import deploy
from rollout.model import Batch, Order, Vigil
from rollout.sim import Behaviour
from rollout.sim.faults import Killed
from rollout.state.holder import Holder


@pytest.fixture
def post() -> Post:
    made = Post(Vigil())
    made.serve("web", replicas=4)
    made.watch(20.0)
    return made


def drain(post: Post) -> None:
    for number in (1, 2, 3):
        post.swarm.machines.drain(f"node-{number}")


def test_all_is_well(post: Post):
    assert post.once() == []


def test_an_abandoned_deployment_is_no_all_clear(post: Post):
    post.abandon("web", "app:2", after=12.0)
    post.swarm.clock.sleep(120.0)
    assert post.swarm.service("web").update_state == "updating", "as our pacing leaves it"
    assert post.once() == ["web: deployment 1 was abandoned: nobody is at work on it"]


def test_a_deployment_that_is_held_is_no_all_clear(post: Post):
    asked = iter([None] * 20)
    outcome = deploy.deploy(
        post.request("web", "app:2"), post.world, Holder("bob@desk"), lambda: next(asked, 2)
    )
    assert outcome.kind == "held"
    assert post.once() == ["web: deployment 1 is held, and nobody goes on with it"]


def test_an_abandoned_deployment_does_not_explain_that_no_replica_is_left(post: Post):
    post.abandon("web", "app:2", after=6.0)
    drain(post)
    post.swarm.clock.sleep(120.0)
    assert "web: 0 of 4 replicas run" in post.once()


def test_somebody_at_work_explains_what_is_missing(post: Post):
    post.hold_lock("web")
    drain(post)
    post.swarm.clock.sleep(30.0)
    assert post.once() == []


def test_a_clock_that_is_ahead_makes_no_deployment_an_abandoned_one(post: Post, monkeypatch):
    now = post.swarm.now
    monkeypatch.setattr(post.swarm, "now", lambda: now() + timedelta(seconds=40))
    post.hold_lock("web")
    assert post.once() == []


@pytest.mark.parametrize(("since", "found"), [(300.0, []), (660.0, ["web: 0 of 4 replicas run"])])
def test_swarms_own_update_has_its_grace_from_when_it_began(post: Post, since: float, found: list[str]):
    post.swarm.images["app:sick"] = Behaviour(start_seconds=10_000.0)
    service = post.swarm.service("web")
    update = {"Parallelism": 4, "Order": "stop-first"}
    template = {"ContainerSpec": {"Image": "app:sick"}}
    post.swarm.update(service, {**service.spec, "TaskTemplate": template, "UpdateConfig": update}, None)
    post.swarm.clock.sleep(since)
    assert [one for one in post.once() if "replicas" in one] == found


def test_a_dead_deployment_does_not_silence_its_service():
    post = Post(Vigil(replicas_for=60.0, stuck_for=3600.0))
    post.swarm.images["app:2"] = Behaviour(start_seconds=10_000.0)
    post.serve("web", replicas=4)
    post.watch(20.0)
    post.swarm.clock.call_later(15.0, post.swarm.faults.die)
    with pytest.raises(Killed):
        post.deploy("web", "app:2", batch=Batch(4), order=Order.STOP_FIRST)
    post.swarm.faults.be_called_anew()
    died = post.now
    post.watch(200.0)
    told = dict(zip(post.told, post.times, strict=False))
    assert told["web: 0 of 4 replicas run"] - died <= 30.0 + 60.0 + 10.0


def test_a_deployment_that_waits_overnight_does_not_explain_that_nothing_serves():
    post = Post(Vigil(every=30.0, replicas_for=60.0, stuck_for=1e6, deploying_for=3600.0))
    post.serve("web", replicas=4)
    post.watch(20.0)
    post.hold_lock("web")
    post.swarm.machines.drain("node-1")
    began = post.now
    post.watch(2 * 3600.0)
    assert post.said == [], "what is only missing in part is the deployment's"
    drain(post)
    post.watch(300.0)
    assert post.said == ["web: 0 of 4 replicas run"]
    assert post.times[0] - began > 2 * 3600.0


def test_a_deployment_within_its_time_explains_it():
    post = Post(Vigil(every=5.0, replicas_for=60.0, stuck_for=1e6, deploying_for=3600.0))
    post.serve("web", replicas=4)
    post.watch(20.0)
    post.hold_lock("web")
    drain(post)
    post.watch(3000.0)
    assert post.said == []
