"""What a release has to pass, as the configuration says it: gates, smoke test and hooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True)
class Limit:
    """The most that is allowed: as such, or as so many times what the baseline showed."""

    amount: float
    relative: bool = False

    def over(self, baseline: float) -> float:
        """The limit as a number, given what the baseline showed."""
        return self.amount * baseline if self.relative else self.amount


@dataclass(frozen=True)
class HttpProbe:
    """A check through the path that users take.

    ``timeout`` is in seconds, ``rate`` in requests a second (None: as fast as it goes). ``expect_body`` is a
    regular expression that the page has to contain, ``expect_headers`` has one for each header's value.
    ``error_budget`` is a share of all answers, ``p95`` is in seconds; ``version_header`` names the header
    that tells which release has answered.
    """

    url: str
    expect_status: int | None = None
    timeout: float = 5.0
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    expect_body: str = ""
    expect_headers: Mapping[str, str] = field(default_factory=dict)
    rate: float | None = None
    error_budget: Limit = Limit(0.0)
    p95: Limit | None = None
    confidence: float = 0.999
    version_header: str = ""


@dataclass(frozen=True)
class TcpGate:
    """A port that accepts connections. Times in seconds."""

    address: str
    timeout: float = 2.0
    every: float = 1.0
    successes: int = 3
    failures: int = 3


@dataclass(frozen=True)
class ExecGate:
    """A local command that exits with 0."""

    command: tuple[str, ...]
    timeout: float = 30.0
    every: float = 5.0
    successes: int = 1
    failures: int = 1


class Operator(StrEnum):
    """How a value is compared with its threshold."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    EQUAL = "=="
    OTHER = "!="


class Absence(StrEnum):
    """What it means that a query has no result."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class PrometheusGate:
    """An instant query whose every value has to stand in ``operator`` to ``threshold``.

    ``url`` is the server's, without ``/api/v1``.
    """

    url: str
    query: str
    operator: Operator
    threshold: float
    absence: Absence = Absence.INCONCLUSIVE
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 5.0
    every: float = 2.0
    successes: int = 3
    failures: int = 3


@dataclass(frozen=True)
class StableGate:
    """No replica of the target restarts for so many seconds."""

    seconds: float = 30.0


@dataclass(frozen=True)
class ManualGate:
    """Somebody looks and runs ``rollout promote``; after the first step, or after every one."""

    every_step: bool = False


Gate: TypeAlias = TcpGate | ExecGate | PrometheusGate | StableGate | ManualGate
"""Every kind but ``http``, which has the options ``probes`` for itself."""


@dataclass(frozen=True)
class OneShot:
    """A command that runs once as a task of its own on the service's networks.

    With the service's new image unless ``image`` names another; ``timeout`` in seconds, pull included.
    """

    command: tuple[str, ...]
    image: str = ""
    timeout: float = 300.0
