"""Service specs shaped as the engine shows them (seen on 20.10)."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from rollout import spec
from rollout.model import Spec


def service_spec(name: str, image: str, replicas: int | None, more: Spec) -> Spec:
    """A spec for so many replicas (None: global mode); ``more`` is laid over it, mapping by mapping."""
    mode = {"Global": {}} if replicas is None else {"Replicated": {"Replicas": replicas}}
    template = {"ContainerSpec": {"Image": image}}
    return normalised(_laid_over({"Name": name, "TaskTemplate": template, "Mode": mode}, more))


def normalised(written: Spec) -> Spec:
    """A spec as the engine shows it after it was written: a few defaults filled in.

    A missing mode means one replica (moby daemon/cluster/convert/service.go), which is why specs have to be
    sent back as they were inspected.
    """
    shown = spec.raw(written)
    shown["Labels"] = shown.get("Labels") or {}
    shown["Mode"] = shown.get("Mode") or {"Replicated": {"Replicas": 1}}
    _fill_template(shown.setdefault("TaskTemplate", {}))
    for key in ("UpdateConfig", "RollbackConfig"):
        if shown.get(key) is not None:
            _fill(shown[key], _PACING)
    if shown.get("EndpointSpec") is not None:
        _fill(shown["EndpointSpec"], {"Mode": "vip"})
        for port in shown["EndpointSpec"].get("Ports") or ():
            _fill(port, {"Protocol": "tcp", "PublishMode": "ingress"})
    return shown


_PACING = {"Parallelism": 0, "FailureAction": "pause", "MaxFailureRatio": 0, "Order": "stop-first"}


def _fill_template(template: MutableMapping[str, Any]) -> None:
    _fill(template, {"ForceUpdate": 0, "Runtime": "container", "ContainerSpec": {}})
    _fill(template["ContainerSpec"], {"Isolation": "default"})
    if template.get("RestartPolicy") is not None:
        _fill(template["RestartPolicy"], {"Condition": "any", "MaxAttempts": 0})


def _fill(fields: MutableMapping[str, Any], defaults: Mapping[str, Any]) -> None:
    for key, value in defaults.items():
        if not fields.get(key):
            fields[key] = value


def kind_of_mode(written: Spec) -> str:
    """The mode by its name in the API: it cannot be changed."""
    return str(next(iter(written.get("Mode") or {"Replicated": {}})))


def _laid_over(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in more.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _laid_over(merged[key], value) if both else value
    return merged
