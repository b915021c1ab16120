"""What users met during a deployment, as a prober in the background saw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Sample:
    """One answer to a request made ``at`` seconds after the deployment's start; it took ``seconds``.

    ``reached`` is False where nobody was there to answer, and ``resolved`` where it was the name.
    """

    at: float
    url: str
    ok: bool
    seconds: float
    error: str = ""
    version: str = ""
    reached: bool = True
    resolved: bool = True


@dataclass(frozen=True)
class Latency:
    """Medians and tails of ``count`` right answers, in seconds."""

    count: int
    p50: float
    p95: float


@dataclass(frozen=True)
class Impact:
    """How many requests were asked and failed, when (seconds since the start), and how fast pages came.

    ``versions`` counts the answers by what the release said of itself.
    """

    asked: int = 0
    failed: int = 0
    first_failed: float | None = None
    last_failed: float | None = None
    errors: tuple[str, ...] = ()
    before: Latency | None = None
    during: Latency | None = None
    after: Latency | None = None
    versions: Mapping[str, int] = field(default_factory=dict)
