"""What /metrics and /healthz say, asked over HTTP."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sim.watching import Inbox, Post

from rollout import deploy
from rollout.errors import UsageError
from rollout.metrics.health import health_of
from rollout.metrics.server import serve
from rollout.metrics.source import Source
from rollout.model import Login, OnAbandoned, Vigil, WatchProbe
from rollout.state.holder import Holder
from rollout.vigil.mending import attempt
from rollout.vigil.picture import Picture

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def post() -> Post:
    probe = WatchProbe("http://web/?token=hunter2", name="shop")
    made = Post(Vigil(replicas_for=10.0, probes=(probe,)), 3, Inbox("Chat"))
    made.serve("web", replicas=2)
    return made


@pytest.fixture
def url(post: Post) -> Iterator[str]:
    source = Source(lambda: post.watcher.picture, lambda: post.outbox.lanes, post.swarm.clock, 5.0)
    server = serve(f"127.0.0.1:{_free_port()}", source)
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def samples(url: str) -> Samples:
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        found = text_string_to_metric_families(answer.read().decode())
    return {
        (one.name, frozenset(one.labels.items())): one.value for family in found for one in family.samples
    }


def asked(url: str) -> Callable[..., float | None]:
    found = samples(url)
    return lambda name, **labels: found.get((name, frozenset(labels.items())))


def test_a_watcher_that_has_not_looked_yet_says_so(url: str):
    value = asked(url)
    assert value("rollout_watch_active") == 0
    assert value("rollout_watch_looks_total", result="success") == 0


def test_replicas_restarts_probes_and_the_watcher_itself(post: Post, url: str):
    post.watch(60.0)
    post.kill("web")
    post.watch(60.0)
    value = asked(url)
    assert value("rollout_service_replicas_wanted", service="web") == 2
    assert value("rollout_service_replicas_running", service="web") == 2
    assert value("rollout_service_replicas_healthy", service="web") == 2
    assert value("rollout_service_restarts_total", service="web") == 1
    assert value("rollout_probe_success", probe="shop") == 1
    assert value("rollout_probe_duration_seconds", probe="shop") == pytest.approx(0.02)
    assert (value("rollout_probe_requests_total", probe="shop", result="success") or 0) >= 10
    assert value("rollout_watch_active") == 1
    assert value("rollout_watch_engine_up") == 1
    assert (value("rollout_watch_looks_total", result="success") or 0) >= 20
    assert value("rollout_node_up", node="node-1", role="manager") == 1
    assert (value("process_resident_memory_bytes") or 0) > 0
    assert (value("rollout_managers"), value("rollout_managers_quorum")) == (1, 1)


def test_an_open_alert_and_its_message(post: Post, url: str):
    for number in (1, 2, 3):
        post.swarm.machines.drain(f"node-{number}")
    post.watch(60.0)
    value = asked(url)
    assert value("rollout_alert", kind="replicas", subject="web", level="failure") == 1
    assert value("rollout_service_replicas_healthy", service="web") == 0
    assert (value("rollout_watch_messages_total", channel="Chat", result="delivered") or 0) >= 1
    assert value("rollout_watch_messages_waiting", channel="Chat") == 0


def test_deployments_by_outcome_their_duration_and_the_last_good_one(post: Post, url: str):
    post.watch(10.0)
    post.accompany()
    assert post.deploy("web", "app:2").kind == "deployed"
    post.swarm.clock.sleep(10.0)
    value = asked(url)
    assert value("rollout_deployments_total", service="web", outcome="deployed") == 1
    assert value("rollout_deployment_duration_seconds_count", service="web") == 1
    assert (value("rollout_deployment_duration_seconds_sum", service="web") or 0) > 3
    last = value("rollout_deployment_last_success_timestamp_seconds", service="web") or 0
    assert 0 <= post.swarm.clock.wall().timestamp() - last < 30
    assert value("rollout_service_deploying", service="web") == 0


def test_one_that_is_held_is_counted_and_its_end_too(post: Post, url: str):
    post.watch(10.0)
    post.accompany()
    asks = iter([None] * 10)
    held = deploy.deploy(post.request("web", "app:2"), post.world, Holder("bob@desk"), lambda: next(asks, 2))
    assert held.kind == "held"
    post.swarm.clock.sleep(10.0)
    assert asked(url)("rollout_deployments_total", service="web", outcome="held") == 1
    attempt(OnAbandoned.ABORT, post.request("web", None), post.world, Holder("ann@desk"))
    post.swarm.clock.sleep(10.0)
    value = asked(url)
    assert value("rollout_deployments_total", service="web", outcome="held") == 1
    assert value("rollout_deployments_total", service="web", outcome="rolled_back") == 1


def test_a_login_with_an_end(post: Post, url: str, monkeypatch: pytest.MonkeyPatch):
    end = datetime(2026, 1, 5, 12, tzinfo=UTC)
    monkeypatch.setattr(post.swarm.registry, "login", lambda _image: Login("header", end))
    post.watch(10.0)
    assert asked(url)("rollout_login_expiry_timestamp_seconds", registry="app") == end.timestamp()


def test_no_figure_names_a_secret(post: Post, url: str):
    post.watch(60.0)
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        assert b"hunter2" not in answer.read()


def test_health_is_that_the_loop_turns_whatever_the_engine_does(post: Post, url: str):
    post.swarm.faults.go_away(10_000.0)
    post.watch(300.0)
    with urllib.request.urlopen(f"{url}/healthz") as answer:
        said = json.load(answer)
    assert (answer.status, said["status"], said["engine"]) == (200, "ok", "away")
    post.swarm.clock.sleep(1000.0)
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{url}/healthz")
    assert raised.value.code == 503


def test_anything_else_is_not_there(url: str):
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"{url}/")
    assert raised.value.code == 404


def test_an_address_that_makes_no_sense_is_a_bad_request(url: str):
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as one:
        one.sendall(b"GET http://[x HTTP/1.0\r\n\r\n")
        assert b" 400 " in one.recv(1000)


def test_one_figure_a_host_name(post: Post, url: str, monkeypatch: pytest.MonkeyPatch):
    nodes = post.swarm.nodes
    monkeypatch.setattr(post.swarm, "nodes", lambda: (*nodes(), replace(nodes()[-1], id="stale", gone=True)))
    post.watch(10.0)
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        lines = [line for line in answer.read().decode().splitlines() if 'node="node-3"' in line]
    assert lines == ['rollout_node_up{node="node-3",role="worker"} 1.0']


def test_health_gives_a_slow_look_its_time():
    assert health_of(Picture(turned=0.0), 100.0, 5.0).status == 200
    assert health_of(Picture(turned=0.0), 200.0, 5.0).status == 503


def test_an_address_that_is_taken_is_a_mistake_of_usage(post: Post, url: str):
    source = Source(lambda: post.watcher.picture, lambda: post.outbox.lanes, post.swarm.clock, 5.0)
    with pytest.raises(UsageError, match="cannot listen on"):
        serve(url.removeprefix("http://"), source)


def test_metrics_without_their_extra_say_what_to_install(post: Post, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rollout.metrics.server.find_spec", lambda _name: None)
    source = Source(lambda: post.watcher.picture, lambda: post.outbox.lanes, post.swarm.clock, 5.0)
    with pytest.raises(UsageError) as raised:
        serve("127.0.0.1:9999", source)
    assert "swarm-rollout[watch]" in raised.value.hint
