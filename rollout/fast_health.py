"""Fast health: the first answers of a health check sooner, where the engine knows start intervals.

Without a start interval a new replica waits for its first probe: a whole interval, 30 s unless it is set, or
5 s within a start period from 27.0 on. With one it is asked twice a second until it is healthy for the first
time, or its start period is over; from then on everything is as it was (moby/moby daemon/health.go, monitor
and handleProbeResult). What is added goes into the spec and leaves the image's test alone: an engine takes
from the image what a spec leaves empty (daemon/commit.go, merge).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any

from rollout import spec
from rollout.model import Healthcheck, Spec

SINCE_API = (1, 44)
"""Docker 25.0. Older engines drop the field (moby/moby daemon/server/router/swarm/helpers.go)."""
MARK = 1
"""In ns, on top of both times: it tells our additions from a person's, so they go when the image does."""
START_INTERVAL = 500_000_000 + MARK
"""In ns. A probe starts a process and takes some 25 ms of a processor (seen on 26.1): 5 % of one while a
replica starts. Asked twice as often, it would be found ready 0.13 s earlier, for twice the work."""
_MILLISECOND = 1_000_000
DEFAULT_INTERVAL = 30.0
DEFAULT_START_INTERVAL = 5.0
"""In seconds, the engine's (moby/moby daemon/health.go); before 27.0 the interval stood in for the second."""


@dataclass(frozen=True)
class ImageChecks:
    """What the new image and the present one bring; None where the engine does not have the image."""

    new: Healthcheck | None
    present: Healthcheck | None

    @property
    def dependable(self) -> Healthcheck | None:
        """The check to go by: a guess only where it does no harm to be wrong about the new image.

        That is where the present one has a start period: then only a start interval is added. A start period,
        added on a guess, could cut short the one that the new image brings, and fail a good release.
        """
        guess = self.present if self.present is not None and self.present.start_period else None
        return guess if self.new is None else self.new


def quickened(target: Spec, image_check: Healthcheck | None, api: tuple[int, int]) -> Spec:
    """The target with a start interval, and a start period where there is none, if that makes it faster.

    ``image_check`` is None where nobody could tell what the image brings.
    """
    bare = plain(target)
    check = _certain(bare, image_check)
    return _with(bare, _additions(check)) if api >= SINCE_API and _waits(check) else bare


def plain(target: Spec) -> Spec:
    """The target without what an earlier deployment has added: another image may bring times of its own."""
    added = [key for key, value in spec.own_healthcheck(target).items() if _is_ours(key, value)]
    if not added:
        return target
    bare = spec.raw(target)
    kept = {key: value for key, value in spec.own_healthcheck(target).items() if key not in added}
    bare["TaskTemplate"]["ContainerSpec"]["Healthcheck"] = kept
    if not kept:
        del bare["TaskTemplate"]["ContainerSpec"]["Healthcheck"]
    return bare


def _certain(target: Spec, image_check: Healthcheck | None) -> Healthcheck:
    """The check in effect; none if that depends on an image that is not known."""
    check = spec.healthcheck(target, image_check)
    known = image_check is not None or (check.test and check.interval)
    return check if known else Healthcheck()


def _waits(check: Healthcheck) -> bool:
    """Whether the first probe comes later than it would with our start interval, and nobody wants it so.

    A start period shorter than the engine's first wait would end before that probe, and the next one come
    an interval later: no gain.
    """
    interval = check.interval or DEFAULT_INTERVAL
    roomy = not check.start_period or check.start_period >= min(interval, DEFAULT_START_INTERVAL)
    slow = interval * spec.NANOSECONDS > START_INTERVAL
    return check.checks and not check.start_interval and slow and roomy


def _additions(check: Healthcheck) -> dict[str, int]:
    """A start period is as long as the interval: until then nothing was counted without us either.

    A shorter one would put off the probe that was due after the interval. A longer one would loosen what
    counts as unhealthy, on nodes with older engines too, which know start periods alone.
    """
    if check.start_period:
        return {"StartInterval": START_INTERVAL}
    milliseconds = ceil((check.interval or DEFAULT_INTERVAL) * 1000)
    return {"StartInterval": START_INTERVAL, "StartPeriod": milliseconds * _MILLISECOND + MARK}


def _with(target: Spec, additions: dict[str, int]) -> Spec:
    edited = spec.raw(target)
    edited["TaskTemplate"]["ContainerSpec"]["Healthcheck"] = spec.own_healthcheck(target) | additions
    return edited


def _is_ours(key: str, value: Any) -> bool:
    """People write milliseconds at best."""
    return key in {"StartInterval", "StartPeriod"} and value % _MILLISECOND == MARK
