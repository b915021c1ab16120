"""What an engine sends, turned into the model's values: pure functions over its JSON.

Shapes: moby/moby api/types/swarm, as seen on 20.10. What makes no sense raises EngineReplyInvalid.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from rollout.model import Image, Node, Service, Task, TaskState
from rollout.swarm.reply import Reply
from rollout.untrusted import plain

T = TypeVar("T")


def service(raw: Any) -> Service:
    """A service, its spec exactly as it came."""
    reply = Reply(raw, _name(raw, "service"))
    spec = reply.object("Spec")
    for path, kind in _SPEC:
        reply.maybe(f"Spec.{path}", kind)
    return Service(
        id=reply.text("ID"),
        name=reply.text("Spec.Name"),
        version=reply.number("Version.Index"),
        spec=spec,
        update_state=plain(reply.maybe("UpdateStatus.State", "")),
        previous=_previous(reply),
        update_began=plain(reply.maybe("UpdateStatus.StartedAt", "")),
    )


_SPEC: tuple[tuple[str, Any], ...] = (
    ("Labels", {}),
    ("Mode", {}),
    ("Mode.Replicated", {}),
    ("Mode.Replicated.Replicas", 0),
    ("TaskTemplate", {}),
    ("TaskTemplate.ForceUpdate", 0),
    ("TaskTemplate.ContainerSpec", {}),
    ("TaskTemplate.ContainerSpec.Image", ""),
    ("TaskTemplate.ContainerSpec.Healthcheck", {}),
    ("TaskTemplate.ContainerSpec.Healthcheck.Test", []),
    ("TaskTemplate.ContainerSpec.Healthcheck.Interval", 0),
    ("TaskTemplate.ContainerSpec.Healthcheck.Timeout", 0),
    ("TaskTemplate.ContainerSpec.Healthcheck.Retries", 0),
    ("TaskTemplate.ContainerSpec.Healthcheck.StartPeriod", 0),
    ("TaskTemplate.ContainerSpec.Healthcheck.StartInterval", 0),
    ("TaskTemplate.ContainerSpec.Command", []),
    ("TaskTemplate.ContainerSpec.Args", []),
    ("TaskTemplate.ContainerSpec.Mounts", []),
    ("TaskTemplate.ContainerSpec.Secrets", []),
    ("TaskTemplate.ContainerSpec.Configs", []),
    ("TaskTemplate.ContainerSpec.StopSignal", ""),
    ("TaskTemplate.ContainerSpec.StopGracePeriod", 0),
    ("TaskTemplate.Networks", []),
    ("TaskTemplate.Placement", {}),
    ("TaskTemplate.Placement.Constraints", []),
    ("TaskTemplate.Placement.MaxReplicas", 0),
    ("TaskTemplate.Placement.Platforms", []),
    ("TaskTemplate.Resources.Reservations.NanoCPUs", 0),
    ("TaskTemplate.Resources.Reservations.MemoryBytes", 0),
    ("TaskTemplate.RestartPolicy.Condition", ""),
    ("TaskTemplate.RestartPolicy.MaxAttempts", 0),
    ("UpdateConfig", {}),
    ("UpdateConfig.Delay", 0),
    ("UpdateConfig.Monitor", 0),
    ("UpdateConfig.Order", ""),
    ("EndpointSpec", {}),
    ("EndpointSpec.Mode", ""),
    ("EndpointSpec.Ports", []),
)
"""The kinds of the spec's fields that others rely on (``rollout.spec``, the checks); the rest is carried."""


def _previous(reply: Reply) -> dict[str, Any] | None:
    for path, kind in _SPEC:
        reply.maybe(f"PreviousSpec.{path}", kind)
    return reply.maybe("PreviousSpec", {}) or None


def task(raw: Any, up_to_date: bool) -> Task:
    """A task. In global mode its slot is its node; its exit code counts once its container has ended."""
    reply = Reply(raw, _name(raw, "task"))
    state = _state(reply, "Status.State")
    node = reply.maybe("NodeID", "")
    ended = state > TaskState.RUNNING and bool(reply.maybe("Status.ContainerStatus.ContainerID", ""))
    return Task(
        id=reply.text("ID"),
        slot=str(reply.maybe("Slot", 0) or node or reply.text("ID")),
        state=state,
        desired=_state(reply, "DesiredState"),
        up_to_date=up_to_date,
        image=Image.parse(reply.maybe("Spec.ContainerSpec.Image", "")),
        node_id=node,
        error=plain(reply.maybe("Status.Err", "")),
        message=plain(reply.maybe("Status.Message", "")),
        exit_code=reply.maybe("Status.ContainerStatus.ExitCode", 0) if ended else None,
        since=plain(reply.maybe("Status.Timestamp", "")),
        start_seconds=_start_seconds(reply) if state == TaskState.RUNNING else None,
    )


def tasks(everything: Any, up_to_date: Any) -> tuple[Task, ...]:
    """A service's tasks, newest first, out of two answers: all of them, and then those that are up to date.

    The second is the younger one: a task in both is taken from it, and one that only it has is not left out.
    """
    fresh = {_id(raw): raw for raw in Reply(up_to_date, "tasks").items()}
    known = {_id(raw): raw for raw in Reply(everything, "tasks").items()} | fresh
    newest = sorted(known.values(), key=_created, reverse=True)
    return tuple(task(raw, _id(raw) in fresh) for raw in newest)


def tasks_by_service(raw: Any) -> dict[str, tuple[Task, ...]]:
    """The tasks of many services, newest first, by the service's ID; what is of no service is left out."""
    found: dict[str, list[Task]] = {}
    for one in sorted(Reply(raw, "tasks").items(), key=_created, reverse=True):
        service_id = Reply(one, _name(one, "task")).maybe("ServiceID", "")
        if service_id:
            found.setdefault(service_id, []).append(task(one, up_to_date=False))
    return {service_id: tuple(listed) for service_id, listed in found.items()}


def node(raw: Any) -> Node:
    """A node."""
    reply = Reply(raw, _name(raw, "node"))
    resources = Reply(reply.maybe("Description.Resources", {}), reply.about)
    return Node(
        id=reply.text("ID"),
        hostname=plain(reply.maybe("Description.Hostname", "")) or reply.text("ID"),
        ready=reply.text("Status.State") == "ready",
        active=reply.text("Spec.Availability") == "active",
        manager=reply.text("Spec.Role") == "manager",
        reachable=reply.maybe("ManagerStatus.Reachability", "reachable") != "unreachable",
        gone=reply.text("Status.State") in {"down", "disconnected"},
        labels=_labels(reply, "Spec.Labels"),
        engine_labels=_labels(reply, "Description.Engine.Labels"),
        address=plain(reply.maybe("Status.Addr", "")),
        os=plain(reply.maybe("Description.Platform.OS", "")),
        architecture=plain(reply.maybe("Description.Platform.Architecture", "")),
        nano_cpus=resources.maybe("NanoCPUs", 0) or None,
        memory=resources.maybe("MemoryBytes", 0) or None,
        engine=plain(reply.maybe("Description.Engine.EngineVersion", "")),
    )


def _labels(reply: Reply, path: str) -> dict[str, str]:
    found: dict[str, Any] = reply.maybe(path, {})
    return {key: str(value) for key, value in found.items()}


def many(raw: Any, about: str, one: Callable[[Any], T]) -> tuple[T, ...]:
    """A list, item by item."""
    return tuple(one(item) for item in Reply(raw, about).items())


def digest(raw: Any, about: str) -> str:
    """The digest in the answer to ``/distribution/…/json``."""
    reply = Reply(raw, about)
    found = reply.text("Descriptor.digest")
    algorithm, _, hexadecimal = found.partition(":")
    if not algorithm.isalnum() or len(hexadecimal) < 64 or set(hexadecimal) - set("0123456789abcdef"):
        raise reply.wrong("Descriptor.digest", "is not a digest")
    return found


def platforms(raw: Any, about: str) -> tuple[str, ...]:
    """The platforms in the answer to ``/distribution/…/json``, as ``os/architecture[/variant]``."""
    listed: list[Any] = Reply(raw, about).maybe("Platforms", [])
    found = (_platform(Reply(one, about)) for one in listed)
    return tuple(dict.fromkeys(filter(None, found)))


def _platform(reply: Reply) -> str:
    """Empty for attestations, which are listed as ``unknown``."""
    os, architecture, variant = (reply.maybe(key, "") for key in ("os", "architecture", "variant"))
    known = os and architecture and "unknown" not in (os, architecture)
    return plain("/".join(filter(None, (os, architecture, variant)))) if known else ""


def _state(reply: Reply, path: str) -> TaskState:
    found = reply.text(path).upper()
    if found not in TaskState.__members__:
        raise reply.wrong(path, "is not a state of a task")
    return TaskState[found]


def _start_seconds(reply: Reply) -> float | None:
    """From creation, by the leader's clock, until it ran, by its node's; nonsense where those disagree."""
    seconds = (reply.time("Status.Timestamp") - reply.time("CreatedAt")).total_seconds()
    return seconds if seconds >= 0 else None


def _created(raw: Any) -> tuple[datetime, str]:
    reply = Reply(raw, _name(raw, "task"))
    return reply.time("CreatedAt"), reply.text("ID")


def _id(raw: Any) -> str:
    return Reply(raw, "a task").text("ID")


def _name(raw: Any, kind: str) -> str:
    """How to call an object of which not even the ID may be right."""
    identity = raw.get("ID") if isinstance(raw, dict) else None
    return f"{kind} {plain(identity)[:25]}" if isinstance(identity, str) and identity else f"a {kind}"
