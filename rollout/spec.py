"""Service specs as the engine's JSON: read and edited as pure functions over the raw structure.

Nothing is filled in and nothing dropped: a spec goes back as it was inspected but for what is meant
to change (a missing Mode, say, would mean one replica to the engine).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from rollout.model import Healthcheck, Image, Mode, Spec

NANOSECONDS = 1_000_000_000

MARK = "swarm-rollout.release"
"""The label that tells the tasks of one release from those before it; the last write takes it away again."""

_Raw = dict[str, Any]


def raw(spec: Spec) -> _Raw:
    """A copy to edit."""
    return copy.deepcopy(dict(spec))


def container(spec: Spec) -> _Raw:
    """The ContainerSpec; empty for plugins and other attachments, which have none."""
    found: _Raw = dict(spec.get("TaskTemplate") or {}).get("ContainerSpec") or {}
    return found


def image(spec: Spec) -> Image:
    """The image that the spec asks for."""
    return Image.parse(str(container(spec).get("Image", "")))


def mode(spec: Spec) -> Mode:
    """The service's mode; the engine always sends one, a missing one means replicated."""
    kinds = set(spec.get("Mode") or {})
    if kinds & {"ReplicatedJob", "GlobalJob"}:
        return Mode.JOB
    return Mode.GLOBAL if "Global" in kinds else Mode.REPLICATED


def replicas(spec: Spec) -> int | None:
    """The replicas wanted; None in global mode, where the nodes decide."""
    replicated = (spec.get("Mode") or {}).get("Replicated")
    return None if replicated is None else int(replicated.get("Replicas", 0))


def labels(spec: Spec) -> dict[str, str]:
    """The service's own labels (not its containers')."""
    return dict(spec.get("Labels") or {})


def has_host_ports(spec: Spec) -> bool:
    """Whether a port is published in host mode, where two tasks on one node get in each other's way."""
    ports = (spec.get("EndpointSpec") or {}).get("Ports") or []
    return any(port.get("PublishMode") == "host" for port in ports)


def max_per_node(spec: Spec) -> int:
    """``max_replicas_per_node``; 0 is no limit."""
    placement = (spec.get("TaskTemplate") or {}).get("Placement") or {}
    return int(placement.get("MaxReplicas") or 0)


def own_volumes(spec: Spec) -> list[str]:
    """The named volumes on a node's own disk that its task writes to.

    The driver is the engine's own, without options: those may mount a disk that all nodes share (NFS).
    """
    mounts = container(spec).get("Mounts") or ()
    return [str(mount["Source"]) for mount in mounts if mount.get("Source") and _is_own(mount)]


def _is_own(mount: _Raw) -> bool:
    driver = (mount.get("VolumeOptions") or {}).get("DriverConfig") or {}
    local = driver.get("Name") in {None, "", "local"} and not driver.get("Options")
    return mount.get("Type") == "volume" and local and not mount.get("ReadOnly")


def memory_limit(spec: Spec) -> int:
    """The memory that a task may use, in bytes; 0 is no limit."""
    limits = ((spec.get("TaskTemplate") or {}).get("Resources") or {}).get("Limits") or {}
    return int(limits.get("MemoryBytes") or 0)


def own_healthcheck(spec: Spec) -> _Raw:
    """What the spec itself says of the health check; empty where the image's applies as it is."""
    found: _Raw = container(spec).get("Healthcheck") or {}
    return found


def healthcheck(spec: Spec, image_check: Healthcheck | None) -> Healthcheck:
    """The health check in effect: what the spec leaves empty or zero comes from the image, field by field.

    A test of ``NONE`` is one too, and switches checks off (moby/moby daemon/commit.go, merge, which serves
    every container that is created; daemon/health.go, getProbe).
    """
    own, images = own_healthcheck(spec), image_check or Healthcheck()
    return Healthcheck(
        test=tuple(own.get("Test") or images.test),
        interval=_seconds(own.get("Interval")) or images.interval,
        timeout=_seconds(own.get("Timeout")) or images.timeout,
        retries=own.get("Retries") or images.retries,
        start_period=_seconds(own.get("StartPeriod")) or images.start_period,
        start_interval=_seconds(own.get("StartInterval")) or images.start_interval,
    )


def _seconds(nanoseconds: int | None) -> float:
    return (nanoseconds or 0) / NANOSECONDS


def with_image(spec: Spec, new: Image) -> Spec:
    """The spec with another image."""
    edited = raw(spec)
    edited["TaskTemplate"]["ContainerSpec"]["Image"] = str(new)
    return edited


def with_scale_of(spec: Spec, current: Spec) -> Spec:
    """The spec at the replicas of another: scaling meanwhile is honoured."""
    return {**spec, "Mode": current["Mode"]} if "Mode" in current else spec


def with_platforms(spec: Spec, platforms: Sequence[str]) -> Spec:
    """The spec with its image's platforms, ``os/architecture[/variant]``, if it has some and they are known.

    The docker CLI writes those of the image that it resolves, and leaves the architecture ``arm`` out, which
    no node has in these words (moby/moby client/service_create.go, imageDigestAndPlatforms).
    """
    named = ((spec.get("TaskTemplate") or {}).get("Placement") or {}).get("Platforms")
    if not named or not platforms:
        return spec
    edited = raw(spec)
    edited["TaskTemplate"]["Placement"]["Platforms"] = [_platform(one) for one in platforms]
    return edited


def _platform(platform: str) -> _Raw:
    os, architecture = platform.split("/")[:2]
    return {"OS": os} if architecture == "arm" else {"Architecture": architecture, "OS": os}


def forced(spec: Spec) -> Spec:
    """The spec with its force counter moved on, which replaces every task."""
    edited = raw(spec)
    edited["TaskTemplate"]["ForceUpdate"] = int(edited["TaskTemplate"].get("ForceUpdate") or 0) + 1
    return edited


def same(one: Spec, other: Spec) -> bool:
    """Whether two specs mean the same: what is absent, null, zero or empty counts as equal."""
    return bool(one == other or meaning(one) == meaning(other))


def same_work(one: Spec, other: Spec) -> bool:
    """Whether two specs differ at most in how updates are paced."""
    return same(_unpaced(one), _unpaced(other))


def leaves_tasks(one: Spec, other: Spec) -> bool:
    """Whether no task restarts between two specs: all but labels and pacing is the same, to the letter.

    Swarm compares TaskTemplate and EndpointSpec (moby/swarmkit manager/orchestrator/task.go, IsTaskDirty).
    """
    return _without_labels(one) == _without_labels(other)


def _without_labels(spec: Spec) -> _Raw:
    return {key: value for key, value in _unpaced(spec).items() if key != "Labels"}


def _unpaced(spec: Spec) -> _Raw:
    kept = {key: value for key, value in spec.items() if key not in {"UpdateConfig", "RollbackConfig"}}
    return kept | {"Labels": without_mark(spec)}


def without_mark(spec: Spec) -> dict[str, str]:
    """The service's own labels but for the mark."""
    return {key: value for key, value in labels(spec).items() if key != MARK}


def meaning(value: Any) -> Any:
    """A spec, or a part of one, without the fields that say nothing."""
    if isinstance(value, dict):
        kept = {key: meaning(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in _EMPTY}
    if isinstance(value, list | tuple):
        return [meaning(item) for item in value]
    return value


_EMPTY: tuple[Any, ...] = (None, "", 0, False, {}, [])
