"""The watcher on the simulated Swarm: what is told, when, how often, and what is not."""

from __future__ import annotations

from sim.watching import Post

from rollout.model import Vigil


def test_replicas_that_are_missing_are_told_once_and_once_that_they_are_back():
    post = Post(Vigil(replicas_for=30.0, calm=10.0))
    service = post.serve("web", replicas=3)
    post.watch(60.0)
    assert post.told == []
    post.swarm.machines.drain("node-1")
    post.swarm.machines.drain("node-2")
    post.swarm.machines.drain("node-3")
    gone = post.now
    post.watch(200.0)
    assert post.told == ["web: 0 of 3 replicas run"]
    assert 30.0 <= post.times[0] - gone <= 35.1
    for name in ("node-1", "node-2", "node-3"):
        post.swarm.machines.activate(name)
    post.watch(120.0)
    assert post.said[1:] == [f"over after {post.lasted(1)}: web: 0 of 3 replicas run"]
    assert service.name == "web"
