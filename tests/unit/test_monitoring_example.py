"""The example of a watcher with Prometheus, Alertmanager and Grafana fits what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from sim.watching import Inbox, Post

from rollout.config.file import parse
from rollout.metrics.families import WatchCollector
from rollout.metrics.source import Source
from rollout.model import Vigil, WatchProbe

EXAMPLE = Path(__file__).parents[2] / "examples" / "monitoring"


def text(name: str) -> str:
    return (EXAMPLE / name).read_text(encoding="utf-8")


def stack() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))
    return loaded


def known_metrics() -> set[str]:
    """The names of all samples that a watcher at work exports."""
    post = Post(Vigil(probes=(WatchProbe("http://web/"),)), 3, Inbox())
    post.serve("web")
    post.watch(30.0)
    source = Source(lambda: post.watcher.picture, lambda: post.outbox.lanes, post.swarm.clock, 5.0)
    names = set()
    for family in WatchCollector(source).collect():
        ending = {"counter": ["_total"], "summary": ["_sum", "_count"]}.get(family.type, [""])
        names |= {family.name + end for end in ending}
    return names


@pytest.mark.parametrize("name", ["alerts.yml", "grafana/dashboard.json"])
def test_rules_and_dashboard_ask_only_for_metrics_that_there_are(name: str):
    asked = set(re.findall(r"\brollout_[a-z_]+\b", text(name)))
    asked -= {"rollout_notify", "rollout_watch"}
    assert len(asked) > 5
    assert asked <= known_metrics()


def test_every_rule_says_what_is_wrong_and_what_to_do_next():
    (group,) = yaml.safe_load(text("alerts.yml"))["groups"]
    for rule in group["rules"]:
        assert {"summary", "next"} <= rule["annotations"].keys(), rule["alert"]


def test_the_settings_are_accepted():
    file = parse(text("rollout.toml"), Path("rollout.toml"), "rollout.toml")
    assert [probe.name for probe in file.watch.probes] == ["shop"]
    assert file.watch.urls_file == "/run/secrets/rollout_notify"


def test_every_file_and_secret_that_the_stack_names_is_there():
    found = stack()
    for config in found["configs"].values():
        assert (EXAMPLE / config["file"]).is_file(), config
    used = {name for service in found["services"].values() for name in service.get("secrets", [])}
    assert used == set(found["secrets"])


def test_only_the_proxy_has_the_socket_and_the_watcher_nothing_but_the_proxy():
    services = stack()["services"]
    with_socket = [name for name, one in services.items() if "docker.sock" in json.dumps(one)]
    assert with_socket == ["engine"]
    watch = services["watch"]
    assert watch["environment"]["DOCKER_HOST"] == "tcp://engine:2375"
    assert watch["read_only"] is True
    assert watch["cap_drop"] == ["ALL"]
    assert "volumes" not in watch


def acl(name: str) -> re.Pattern[str]:
    match = re.search(rf"acl {name} path_reg (\S+)", text("engine-proxy.cfg"))
    assert match
    return re.compile(match[1])


ALLOWED = [
    ("version", "/version"),
    ("reading", "/v1.41/info"),
    ("reading", "/v1.47/services"),
    ("reading", "/v1.41/services/site_php"),
    ("reading", "/v1.41/tasks"),
    ("reading", "/v1.41/tasks/m2406tumsydotfa2g3i970jev/logs"),
    ("reading", "/v1.41/configs/m2406tumsydotfa2g3i970jev"),
    ("keeping", "/v1.41/configs/create"),
    ("keeping", "/v1.41/configs/m2406tumsydotfa2g3i970jev/update"),
    ("forgetting", "/v1.41/configs/m2406tumsydotfa2g3i970jev"),
]
FORBIDDEN = [
    "/v1.41/services/web/update",
    "/v1.41/containers/create",
    "/v1.41/containers/x/exec",
    "/v1.41/secrets",
    "/v1.41/swarm",
    "/v1.41/nodes/x/update",
    "/v1.41/configs/../services/web/update",
    "/v1.41/services/..%2Fcontainers%2Fjson",
    "/v1.41/services/%2e%2e",
    "/v1.41/services/..",
    "/v1.41/services/%00",
    "/v1.41/services/web/logs",
    "/v1.41/containers/json",
    "/v1.41/secrets/m2406tumsydotfa2g3i970jev",
    "/v1.41/info/../containers/json",
    "//v1.41/info",
]


@pytest.mark.parametrize(("name", "path"), ALLOWED)
def test_the_proxy_lets_through_what_the_watcher_asks(name: str, path: str):
    assert acl(name).search(path)


@pytest.mark.parametrize("path", [*FORBIDDEN, "/v1.41/services/create"])
def test_the_proxy_lets_nothing_else_be_written(path: str):
    assert not acl("keeping").search(path)
    assert not acl("forgetting").search(path)
    assert not acl("version").search(path)


@pytest.mark.parametrize("path", FORBIDDEN)
def test_the_proxy_lets_nothing_else_be_read(path: str):
    assert not acl("reading").search(path)


def body(called: str, **more: object) -> str:
    """As the watcher's client sends it."""
    labels = {"rollout.kind": "alerts", "rollout.who": "nobody@watch"}
    return json.dumps({"Name": called, "Labels": labels, "Data": "eJyrVkpUAAFEAwA=", **more})


@pytest.mark.parametrize(
    ("sent", "let_through"),
    [
        (body("rollout.watcher"), True),
        (body("rollout.watcher.9f86d081884c"), True),
        (body("rollout.alerts.12"), True),
        (body("rollout.alerts.9f86d081884c.12"), True),
        (body("rollout.lock.s1"), False),
        (body("site_settings"), False),
        (body("rollout.alerts.1", name="site_settings"), False),
        (body("rollout.alerts.1", Templating={"Name": "golang"}), False),
        (body("rollout.alerts.1")[:-1] + ', "Name": "site_settings"}', False),
        ("{}", False),
        ("", False),
    ],
)
def test_the_proxy_lets_only_the_watchers_own_configs_be_written(sent: str, let_through: bool):
    match = re.search(r"acl its_own req.body -m reg '(.+)'\n", text("engine-proxy.cfg"))
    assert match
    assert bool(re.search(match[1], sent)) is let_through
    assert "http-request allow if writes keeping its_own" in text("engine-proxy.cfg")


def test_no_connection_is_upgraded_past_the_proxy():
    assert "http-request deny deny_status 403 if upgrades" in text("engine-proxy.cfg")


def test_no_rule_tells_again_what_the_watcher_tells_by_itself():
    (group,) = yaml.safe_load(text("alerts.yml"))["groups"]
    assert not [rule["alert"] for rule in group["rules"] if "rollout_alert" in rule["expr"]]


def test_the_image_runs_as_nobody():
    assert "USER 65534" in text("Dockerfile")
    assert "ARG BASE=python:" in text("Dockerfile")
