"""The specs of side services, made from the target's: previews, one-shot tasks, and pulls. Pure.

What leads users to a service must not come along: ports, aliases, labels that a proxy routes by. So a side
service's own fields are written anew, and only what its task needs is taken over from the target.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rollout import spec
from rollout.model import Image, Spec

_Raw = dict[str, Any]
NO_SUCH_COMMAND = "rollout-pulls-and-runs-nothing"


@dataclass(frozen=True)
class Side:
    """What a side service has of its own; ``environment`` is laid over the target's."""

    name: str
    labels: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)


def preview(target: Spec, side: Side, replicas: int = 1) -> Spec:
    """Replicas of the target, started and checked as the target's own, which no user's request reaches."""
    return {**_beside(target, side), "Mode": {"Replicated": {"Replicas": replicas}}}


def command(target: Spec, side: Side, words: Sequence[str], image: Image | None = None) -> Spec:
    """A task that runs exactly these words, once, as the target's own tasks run.

    They replace the image's entrypoint, so that they mean the same whatever the image makes of arguments.
    Nothing checks the task's health. Another image has neither the target's user nor its folders.
    """
    made = _beside(target, side)
    container = made["TaskTemplate"]["ContainerSpec"]
    container.pop("Args", None)
    container |= {"Command": list(words), "Healthcheck": {"Test": ["NONE"]}}
    if image is not None:
        container["Image"] = str(image)
        _drop(container, "User", "Groups", "Dir")
    return made


def pull(target: Spec, side: Side) -> Spec:
    """A task on every node where the target may run, which pulls its image and then cannot start.

    Its command does not exist, and nothing of the target comes along that could keep it off a node or give it
    anything to do: no reservation, no mount, no secret, no network. A global *job* would do, but it restarts
    for ever (seen on 20.10).
    """
    container = {
        "Image": spec.container(target)["Image"],
        "Command": [NO_SUCH_COMMAND],
        "Healthcheck": {"Test": ["NONE"]},
    }
    placement = dict(target["TaskTemplate"].get("Placement") or {})
    where = {key: copy.deepcopy(placement[key]) for key in ("Constraints", "Platforms") if key in placement}
    return {
        "Name": side.name,
        "Labels": dict(side.labels),
        "TaskTemplate": {
            "ContainerSpec": container,
            "RestartPolicy": {"Condition": "none"},
            "Placement": where,
        },
        "Mode": {"Global": {}},
    }


def networks(target: Spec) -> list[_Raw]:
    """The networks of the target's tasks; older specs keep them beside the task."""
    template = target.get("TaskTemplate") or {}
    found: list[_Raw] = template.get("Networks") or target.get("Networks") or []
    return found


def _beside(target: Spec, side: Side) -> _Raw:
    return {
        "Name": side.name,
        "Labels": dict(side.labels),
        "TaskTemplate": _task(target, side.environment),
        "Mode": {"Replicated": {"Replicas": 1}},
        "EndpointSpec": {"Mode": "dnsrr"},
    }


def _task(target: Spec, environment: Mapping[str, str]) -> _Raw:
    task: _Raw = copy.deepcopy(dict(target["TaskTemplate"]))
    task["RestartPolicy"] = {"Condition": "none"}
    task["Networks"] = [_without_aliases(network) for network in networks(target)]
    _drop(task.get("Placement") or {}, "MaxReplicas")
    _make_unknown(task["ContainerSpec"])
    task["ContainerSpec"]["Env"] = _laid_over(spec.container(target).get("Env") or [], environment)
    return task


def _make_unknown(container: _Raw) -> None:
    """Take away what others may know a container by.

    A hostname is one of its names in the network's DNS from Docker 25 on (moby/moby
    daemon/container_operations.go, buildEndpointDNSNames).
    """
    _drop(container, "Labels", "Hostname")


def _without_aliases(network: Mapping[str, Any]) -> _Raw:
    return {key: copy.deepcopy(value) for key, value in network.items() if key != "Aliases"}


def _laid_over(env: Sequence[str], added: Mapping[str, str]) -> list[str]:
    kept = [entry for entry in env if entry.partition("=")[0] not in added]
    return [*kept, *(f"{name}={value}" for name, value in added.items())]


def _drop(fields: _Raw, *keys: str) -> None:
    for key in keys:
        fields.pop(key, None)
