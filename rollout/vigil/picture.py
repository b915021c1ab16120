"""What the watcher shows of itself, for metrics and health: one frozen value, replaced after each turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rollout.model import WatchProbe
from rollout.vigil.chronicle import Tally
from rollout.vigil.mind import Mind
from rollout.vigil.streak import Streak
from rollout.vigil.survey import Survey


class Role(StrEnum):
    """What a watcher is doing."""

    STARTING = "starting"
    ACTIVE = "active"
    STANDBY = "standby"
    ONLOOKER = "onlooker"
    """It looks, and tells nobody but its own output."""


@dataclass(frozen=True)
class Picture:
    """``turned`` is when the loop last came round, on the watcher's clock; ``looked`` when a look succeeded,
    in seconds since the epoch. ``trouble`` is why the last look failed; empty if it did not.
    """

    role: Role = Role.STARTING
    survey: Survey | None = None
    mind: Mind | None = None
    probes: tuple[tuple[WatchProbe, Streak], ...] = ()
    tallies: Mapping[str, Tally] = field(default_factory=dict)
    turned: float = 0.0
    looked: float = 0.0
    looks: int = 0
    failures: int = 0
    trouble: str = ""
