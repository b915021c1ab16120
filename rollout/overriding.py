"""Puts into a spec what its image lacks and the configuration has. Pure."""

from __future__ import annotations

from typing import Any

from rollout import spec
from rollout.model import Healthcheck, Overrides, Spec
from rollout.spec import NANOSECONDS


def overridden(target: Spec, overrides: Overrides) -> Spec:
    """The target with the overrides; of a health check only the fields that are set."""
    fields = _fields(overrides)
    health = _health(overrides.healthcheck)
    if not fields and not health:
        return target
    edited = spec.raw(target)
    container = edited["TaskTemplate"]["ContainerSpec"]
    container.update(fields)
    if health:
        container["Healthcheck"] = spec.own_healthcheck(target) | health
    return edited


def _fields(overrides: Overrides) -> dict[str, Any]:
    grace = overrides.stop_grace_period
    found = {
        "StopSignal": overrides.stop_signal or None,
        "StopGracePeriod": None if grace is None else round(grace * NANOSECONDS),
    }
    return {key: value for key, value in found.items() if value is not None}


def _health(check: Healthcheck) -> dict[str, Any]:
    found = {
        "Test": list(check.test),
        "Interval": round(check.interval * NANOSECONDS),
        "Timeout": round(check.timeout * NANOSECONDS),
        "StartPeriod": round(check.start_period * NANOSECONDS),
        "Retries": check.retries,
    }
    return {key: value for key, value in found.items() if value}
