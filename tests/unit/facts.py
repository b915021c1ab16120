"""A service with which all is well, so that a test has to say only what is wrong with it."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from builders import NEW, OLD, service_of, slot_of, task_of

from rollout.model import (
    Healthcheck,
    HttpProbe,
    Image,
    ImageConfig,
    Node,
    Options,
    Order,
    Snapshot,
    Spec,
)
from rollout.preflight import examine
from rollout.preflight.facts import Facts, Survey

SECOND = 1_000_000_000
GIB = 1 << 30
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHECK = Healthcheck(test=("CMD", "ping-fpm"), interval=2.0, retries=3)
PHP = ImageConfig(
    healthcheck=CHECK,
    stop_signal="SIGQUIT",
    exposed_ports=("9000/tcp",),
    command=("php-fpm", "--nodaemonize"),
)


def node(number: int, **fields: Any) -> Node:
    known: dict[str, Any] = {
        "id": f"id-{number}",
        "hostname": f"node-{number}",
        "manager": number == 1,
        "os": "linux",
        "architecture": "x86_64",
        "nano_cpus": 4 * SECOND,
        "memory": 4 * GIB,
        "engine": "28.5.2",
    }
    return Node(**(known | fields))


def spec_of(image: Image = OLD, **container: Any) -> dict[str, Any]:
    """The spec of four replicas of php."""
    return {
        "Name": "site_php",
        "Labels": {"com.docker.stack.namespace": "site"},
        "Mode": {"Replicated": {"Replicas": 4}},
        "TaskTemplate": {
            "ContainerSpec": {"Image": str(image), "StopGracePeriod": 40 * SECOND} | container,
            "RestartPolicy": {"Condition": "any"},
            "Networks": [{"Target": "net-1", "Aliases": ["php"]}],
        },
        "UpdateConfig": {"Parallelism": 1, "Order": "start-first", "Monitor": 15 * SECOND},
        "EndpointSpec": {"Mode": "vip"},
    }


def with_template(spec: Spec, **fields: Any) -> dict[str, Any]:
    """The spec with other fields in its TaskTemplate."""
    edited: dict[str, Any] = copy.deepcopy(dict(spec))
    edited["TaskTemplate"] |= fields
    return edited


def facts(nodes: tuple[Node, ...] = (node(1), node(2), node(3)), replicas: int = 4, **fields: Any) -> Facts:
    """Nothing is wrong here but for what the test changes."""
    wanted = spec_of() | {"Mode": {"Replicated": {"Replicas": replicas}}}
    service = replace(service_of(wanted), **fields.pop("service", {}))
    slots = tuple(slot_of(task_of(number)) for number in range(1, replicas + 1))
    known: dict[str, Any] = {
        "snapshot": Snapshot(service, slots, {one.id: one for one in nodes}),
        "baseline": service.spec,
        "target": spec_of(NEW),
        "options": Options(probes=(HttpProbe("http://site/"),)),
        "order": Order.START_FIRST,
        "image": PHP,
        "now": NOW,
        "survey": Survey(),
    }
    return Facts(**(known | fields))


def found(given: Facts) -> list[str]:
    """The codes of what is found."""
    return [finding.code for finding in examine(given)]


def sentence(code: str, given: Facts) -> str:
    """What is said about it."""
    return next(finding.sentence for finding in examine(given) if finding.code == code)
