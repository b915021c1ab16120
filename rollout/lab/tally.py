"""What the load generator saw, and what it amounts to: plain data, no network, no clock."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any, Literal

SHOWN_FAILURES = 20
SessionChange = Literal["kept", "lost", "repeated"]


@dataclass(frozen=True)
class Visit:
    """One request as its visitor saw it: `at` seconds after the start, answered after `ms`."""

    at: float
    ms: float
    method: str = "GET"
    status: int | None = None
    version: str = ""
    host: str = ""
    count: int | None = None
    error: str = ""
    session: SessionChange = "kept"

    @property
    def ok(self) -> bool:
        """Answered in full, and not by an error page."""
        return not self.error and self.status is not None and self.status < HTTPStatus.BAD_REQUEST


@dataclass
class SessionLog:
    """What one visitor knows of the counter in the own session: it grows by one with each request.

    A failed request may have been counted or not, so it widens what is right for the next one.
    """

    count: int = 0
    unsure: int = 0

    def see(self, count: int | None) -> SessionChange:
        """Compare an answer's counter with the last one; None stands for an answer without it."""
        if count is None:
            self.unsure += 1
            return "kept"
        change = self._change(count)
        self.count, self.unsure = count, 0
        return change

    def _change(self, count: int) -> SessionChange:
        if count <= self.count:
            return "lost"
        return "kept" if count <= self.count + 1 + self.unsure else "repeated"


@dataclass(frozen=True)
class Summary:
    """The result of a run. Times are seconds after `started`, which is in seconds since 1970."""

    started: float = 0.0
    seconds: float = 0.0
    sent: int = 0
    ok: int = 0
    failed: int = 0
    failures: tuple[Mapping[str, Any], ...] = ()
    """The first of them, in full."""
    failed_at: tuple[float, ...] = ()
    """When each failed request was sent; one that then waited failed later."""
    sessions_lost: int = 0
    repeated: int = 0
    """Requests that the site carried out more than once, told by a counter that grew by more than one."""
    reconnects: int = 0
    """Requests sent again, as a browser does, because the server had closed an idle connection."""
    missed: int = 0
    """Requests not sent, since every visitor was still waiting: the load was below the rate asked for."""
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    slowest: float = 0.0
    versions: Mapping[str, int] = field(default_factory=dict)
    first_answers: Mapping[str, float] = field(default_factory=dict)
    """When each version answered for the first time."""
    buckets: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """Write the summary as one JSON object."""
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Summary:
        """Read back what `to_json` wrote."""
        fields = json.loads(text)
        for name in ("failures", "failed_at", "buckets"):
            fields[name] = tuple(fields[name])
        return cls(**fields)


def summarise(
    visits: Iterable[Visit], *, started: float, seconds: float, missed: int = 0, reconnects: int = 0
) -> Summary:
    """Add up a run."""
    seen = sorted(visits, key=lambda visit: visit.at)
    failed = [visit for visit in seen if not visit.ok]
    times = sorted(visit.ms for visit in seen if visit.ok)
    return Summary(
        started=round(started, 3),
        seconds=round(seconds, 1),
        sent=len(seen),
        ok=len(seen) - len(failed),
        failed=len(failed),
        failures=tuple(failure(visit) for visit in failed[:SHOWN_FAILURES]),
        failed_at=tuple(visit.at for visit in failed),
        sessions_lost=sum(visit.session == "lost" for visit in seen),
        repeated=sum(visit.session == "repeated" for visit in seen),
        reconnects=reconnects,
        missed=missed,
        p50=percentile(times, 50),
        p95=percentile(times, 95),
        p99=percentile(times, 99),
        slowest=percentile(times, 100),
        versions=versions(seen),
        first_answers=first_answers(seen),
        buckets=tuple(bucket(second, group) for second, group in by_second(seen).items()),
    )


def failure(visit: Visit) -> dict[str, Any]:
    """Say when and how a request failed."""
    error = visit.error or f"HTTP {visit.status}"
    return {"at": visit.at, "ms": visit.ms, "method": visit.method, "error": error, "version": visit.version}


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Give the smallest time that `percent` of the requests did not exceed (nearest rank), 0 for none."""
    if not ordered:
        return 0.0
    rank = math.ceil(len(ordered) * percent / 100)
    return ordered[max(rank, 1) - 1]


def versions(visits: Iterable[Visit]) -> dict[str, int]:
    """Count the answers by the version that gave them, error pages included."""
    return dict(Counter(visit.version for visit in visits if visit.version))


def first_answers(visits: Iterable[Visit]) -> dict[str, float]:
    """Say when each version answered for the first time, error pages included."""
    first: dict[str, float] = {}
    for visit in visits:
        if visit.version:
            answered = round(visit.at + visit.ms / 1000, 3)
            first[visit.version] = min(answered, first.get(visit.version, answered))
    return first


def by_second(visits: Iterable[Visit]) -> dict[int, list[Visit]]:
    """Group requests by the second in which they were sent."""
    groups: dict[int, list[Visit]] = {}
    for visit in visits:
        groups.setdefault(int(visit.at), []).append(visit)
    return groups


def bucket(second: int, visits: Sequence[Visit]) -> dict[str, Any]:
    """Add up one second."""
    failed = sum(not visit.ok for visit in visits)
    slowest = max(visit.ms for visit in visits)
    return {
        "second": second,
        "sent": len(visits),
        "failed": failed,
        "slowest": slowest,
        "versions": versions(visits),
    }
