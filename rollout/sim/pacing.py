"""An ``UpdateConfig`` as the updater reads it, with swarmkit's defaults (api/defaults/service.go)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rollout.model import Order

NANOSECONDS = 1_000_000_000
DEFAULT_MONITOR = 5.0


@dataclass(frozen=True)
class Pacing:
    """How an update goes on. All times are in seconds."""

    parallelism: int
    delay: float
    monitor: float
    failure_action: str
    max_failure_ratio: float
    order: Order

    @classmethod
    def of(cls, config: Mapping[str, Any] | None) -> Pacing:
        """Read a config; a Monitor of 0 means none given (moby daemon/cluster/convert/service.go)."""
        config = {"Parallelism": 1} if config is None else config
        return cls(
            parallelism=int(config.get("Parallelism") or 0),
            delay=int(config.get("Delay") or 0) / NANOSECONDS,
            monitor=int(config.get("Monitor") or 0) / NANOSECONDS or DEFAULT_MONITOR,
            failure_action=config.get("FailureAction") or "pause",
            max_failure_ratio=float(config.get("MaxFailureRatio") or 0),
            order=Order(config.get("Order") or Order.STOP_FIRST),
        )

    @property
    def monitored(self) -> float:
        """How long failures count after the last slot: never less than the delay."""
        return self.delay + 1 if self.delay >= self.monitor else self.monitor
