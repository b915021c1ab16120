"""What the watcher finds and what it makes of it: conditions, alerts, and news of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from rollout.model.notification import Level


class Concern(StrEnum):
    """What an alert is about. Conditions of one concern and one subject are one alert."""

    SERVICE = "service"
    UPDATE = "update"
    DEPLOYMENT = "deployment"
    NODE = "node"
    MANAGERS = "managers"
    PROBE = "probe"
    LOGIN = "login"
    ENGINE = "engine"


class Ailment(StrEnum):
    """The kinds of conditions."""

    REPLICAS = "replicas"
    RESTARTING = "restarting"
    STUCK = "stuck"
    GONE = "gone"
    UPDATE_PAUSED = "update_paused"
    UPDATE_ROLLED_BACK = "update_rolled_back"
    ABANDONED = "abandoned"
    ROLLBACK_FAILED = "rollback_failed"
    CUT_OFF = "cut_off"
    HELD = "held"
    NODE_DOWN = "node_down"
    STRANDED = "stranded"
    QUORUM = "quorum"
    PROBE = "probe"
    LOGIN = "login"
    ENGINE = "engine"


CONCERNS: Mapping[Ailment, Concern] = MappingProxyType(
    {
        Ailment.REPLICAS: Concern.SERVICE,
        Ailment.RESTARTING: Concern.SERVICE,
        Ailment.STUCK: Concern.SERVICE,
        Ailment.GONE: Concern.SERVICE,
        Ailment.UPDATE_PAUSED: Concern.UPDATE,
        Ailment.UPDATE_ROLLED_BACK: Concern.UPDATE,
        Ailment.ABANDONED: Concern.DEPLOYMENT,
        Ailment.ROLLBACK_FAILED: Concern.DEPLOYMENT,
        Ailment.CUT_OFF: Concern.DEPLOYMENT,
        Ailment.HELD: Concern.DEPLOYMENT,
        Ailment.NODE_DOWN: Concern.NODE,
        Ailment.STRANDED: Concern.NODE,
        Ailment.QUORUM: Concern.MANAGERS,
        Ailment.PROBE: Concern.PROBE,
        Ailment.LOGIN: Concern.LOGIN,
        Ailment.ENGINE: Concern.ENGINE,
    }
)


@dataclass(frozen=True)
class Condition:
    """Something that is not as it should be, as one look shows it.

    ``subject`` is an ID, ``name`` what a person calls it. It has to hold for ``patience`` seconds until
    somebody is told. ``facts`` are names with what there is to say; ``task_id`` is the task whose last words
    tell more. ``touches`` are the IDs of services that it explains the troubles of. ``held`` is for how many
    seconds it has held already when it is seen for the first time, as time stamps tell.
    """

    ailment: Ailment
    subject: str
    name: str
    sentence: str
    level: Level
    patience: float = 0.0
    facts: tuple[tuple[str, str], ...] = ()
    next: str = ""
    task_id: str = ""
    touches: frozenset[str] = frozenset()
    reminds: bool = True
    held: float = 0.0

    @property
    def concern(self) -> Concern:
        """What it is about."""
        return CONCERNS[self.ailment]

    @property
    def key(self) -> str:
        """The alert that it belongs to."""
        return f"{self.concern}/{self.subject}"


class AlertState(StrEnum):
    """How far an alert has come. Somebody knows of it while it is firing or clearing."""

    PENDING = "pending"
    """It holds, but not for long enough yet."""

    SILENCED = "silenced"
    """A deployment explains it."""

    COVERED = "covered"
    """Another alert explains it."""

    FIRING = "firing"
    CLEARING = "clearing"
    """It holds no more, but not for long enough yet."""


OPEN = frozenset({AlertState.FIRING, AlertState.CLEARING})
"""The states of an alert that somebody was told of."""


@dataclass(frozen=True)
class Alert:
    """What is wrong with one subject. All times are on the watcher's clock.

    ``since`` is when each kind of condition began to hold without a gap; ``began`` is when somebody was told,
    ``cleared`` since when nothing holds any more, ``graver`` since when it is worse than what was told, which
    is ``lead``; ``touches`` is kept as long as the alert lives. ``acted`` is whether the watcher has tried to
    mend it, ``flaps`` whether it has come and gone of late.
    """

    key: str
    state: AlertState
    lead: Condition
    conditions: tuple[Condition, ...] = ()
    since: Mapping[Ailment, float] = field(default_factory=dict)
    began: float = 0.0
    cleared: float = 0.0
    reminded: int = 0
    acted: bool = False
    touches: frozenset[str] = frozenset()
    graver: float | None = None
    flaps: bool = False

    @property
    def open(self) -> bool:
        """Whether somebody knows of it."""
        return self.state in OPEN


class NewsKind(StrEnum):
    """What there is to tell of an alert."""

    BEGAN = "alert"
    WORSE = "alert_worse"
    """What was a warning has become a failure: those who sleep through warnings have to know."""

    REMINDER = "alert_reminder"
    OVER = "alert_over"


@dataclass(frozen=True)
class News:
    """Something to tell of an alert; ``lasted`` is for how many seconds it has been known.

    ``held`` is for how many it had held when it was told; ``reason`` is why it is over where nothing got
    well.
    """

    kind: NewsKind
    alert: Alert
    lasted: float = 0.0
    reason: str = ""
    held: float = 0.0
