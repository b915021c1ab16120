"""The kinds of gates that a file may name, one a module."""

from __future__ import annotations

from collections.abc import Mapping

from rollout.config.kinds.exec import KIND as EXEC
from rollout.config.kinds.http import KIND as HTTP
from rollout.config.kinds.kind import GateKind
from rollout.config.kinds.manual import KIND as MANUAL
from rollout.config.kinds.prometheus import KIND as PROMETHEUS
from rollout.config.kinds.stable import KIND as STABLE
from rollout.config.kinds.tcp import KIND as TCP

__all__ = ["KINDS", "GateKind"]

KINDS: Mapping[str, GateKind] = {kind.name: kind for kind in (HTTP, TCP, EXEC, PROMETHEUS, STABLE, MANUAL)}
