"""What users met, from the samples of the prober in the background. Pure.

A sample counts as asked from the moment on at which its URL was reached for the first time: a port that
nobody ever listened on is a mistake in the configuration and no request of a user's. Once somebody has been
reached there, whatever goes wrong is a failed request. A name that does not resolve is never counted: it says
nothing about the release (as in ``gates.http``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rollout.gates.chance import percentile
from rollout.model import HttpProbe, Impact, Latency, ProbeResult, Sample

MOST_ERRORS = 5


def sample_of(at: float, probe: HttpProbe, result: ProbeResult) -> Sample:
    """What a probe met ``at`` seconds after the start."""
    return Sample(
        at=at,
        url=probe.url,
        ok=result.ok or not result.told,
        seconds=result.seconds,
        error=result.error,
        version=result.version,
        reached=result.reached,
        resolved=result.resolved,
    )


def summarize(samples: Iterable[Sample], first_write: float | None, last_write: float | None) -> Impact:
    """Sum up the samples, before, during and after the writes.

    The writes' times are in seconds on the samples' clock; None for a write that has not been made. What was
    asked at the very moment of a write belongs to *during*.
    """
    counted = _counted(sorted(samples, key=lambda sample: sample.at))
    failed = [sample for sample in counted if not sample.ok]
    before = [sample for sample in counted if first_write is None or sample.at < first_write]
    rest = counted[len(before) :]
    during = [sample for sample in rest if last_write is None or sample.at <= last_write]
    return Impact(
        asked=len(counted),
        failed=len(failed),
        first_failed=failed[0].at if failed else None,
        last_failed=failed[-1].at if failed else None,
        errors=tuple(dict.fromkeys(sample.error for sample in failed))[:MOST_ERRORS],
        before=_latency(before),
        during=_latency(during),
        after=_latency(rest[len(during) :]),
        versions=Counter(sample.version for sample in counted if sample.version),
    )


def joined(one: Impact | None, other: Impact | None) -> Impact | None:
    """What users met in two parts of one deployment; how fast pages came is told of the second."""
    if one is None or other is None:
        return other or one
    firsts = [at for at in (one.first_failed, other.first_failed) if at is not None]
    lasts = [at for at in (one.last_failed, other.last_failed) if at is not None]
    return replace(
        other,
        asked=one.asked + other.asked,
        failed=one.failed + other.failed,
        first_failed=min(firsts, default=None),
        last_failed=max(lasts, default=None),
        errors=tuple(dict.fromkeys([*one.errors, *other.errors]))[:MOST_ERRORS],
        versions=Counter(one.versions) + Counter(other.versions),
    )


def _counted(in_order: Iterable[Sample]) -> list[Sample]:
    """For each URL those from the first on that reached somebody."""
    reached: set[str] = set()
    counted = []
    for sample in in_order:
        if sample.reached:
            reached.add(sample.url)
        if sample.resolved and sample.url in reached:
            counted.append(sample)
    return counted


def _latency(samples: Sequence[Sample]) -> Latency | None:
    """Of the right answers: how long an error page takes says nothing."""
    times = [sample.seconds for sample in samples if sample.ok]
    if not times:
        return None
    return Latency(len(times), percentile(times, 0.5), percentile(times, 0.95))
