"""How services are watched between deployments: the settings of ``[watch]``. Times in seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rollout.model.gate import HttpProbe


class OnAbandoned(StrEnum):
    """What the watcher does about a deployment that nobody is at work on any more."""

    TELL = "tell"
    ABORT = "abort"
    RESUME = "resume"


@dataclass(frozen=True)
class WatchProbe:
    """A page that has to answer at all times.

    ``failures`` wrong answers in a row begin an alert, ``successes`` right ones in a row end it.
    """

    url: str
    name: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 5.0
    expect_status: int | None = None
    expect_body: str = ""
    expect_headers: Mapping[str, str] = field(default_factory=dict)
    every: float = 10.0
    failures: int = 3
    successes: int = 2

    @property
    def called(self) -> str:
        """What a person calls it."""
        return self.name or self.url

    @property
    def page(self) -> HttpProbe:
        """The request that it makes."""
        return HttpProbe(
            self.url,
            self.expect_status,
            self.timeout,
            self.headers,
            self.method,
            self.expect_body,
            self.expect_headers,
        )


@dataclass(frozen=True)
class Vigil:
    """What is looked at, how often, and how long it may last until somebody is told.

    ``services`` and ``labels`` (``key`` or ``key=value``) say which services; none of them means all.
    ``urls`` are addresses as in ``[notify]``, which they replace; so do those in ``urls_file``, one a line.
    """

    every: float = 5.0
    services: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    replicas_for: float = 60.0
    restarts: int = 3
    restart_window: float = 300.0
    stuck_for: float = 300.0
    node_for: float = 10.0
    abandoned_for: float = 15.0
    held_for: float = 3600.0
    update_grace: float = 600.0
    deploying_for: float = 3600.0
    engine_for: float = 120.0
    login_left: float = 3600.0
    calm: float = 10.0
    remind: float = 4 * 3600.0
    on_abandoned: OnAbandoned = OnAbandoned.TELL
    listen: str = ""
    urls: tuple[str, ...] = field(default=(), repr=False)
    urls_file: str = ""
    probes: tuple[WatchProbe, ...] = ()
