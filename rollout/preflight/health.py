"""Is it seen whether a new replica is well, and in time?"""

from __future__ import annotations

from rollout import durations
from rollout.fast_health import DEFAULT_INTERVAL, DEFAULT_START_INTERVAL
from rollout.model import Healthcheck
from rollout.model.finding import Severity
from rollout.preflight.check import Check, check
from rollout.preflight.facts import Facts
from rollout.spec import NANOSECONDS

DEFAULT_MONITOR = 5.0
"""In seconds (moby/swarmkit manager/orchestrator/update/updater.go, defaultMonitor)."""

_HEALTHCHECK = (
    '`HEALTHCHECK CMD ["ping-my-server"]` in the Dockerfile, `healthcheck:` in the compose file, '
    "or [services.NAME.healthcheck] in rollout.toml"
)


@check(
    "no-healthcheck",
    Severity.WARNING,
    costs="a replica counts as running as soon as its process has started, and gets requests that it cannot "
    "answer yet",
    mend=_HEALTHCHECK,
)
def no_healthcheck(facts: Facts) -> str | None:
    """Neither the new image nor the service has a health check."""
    if facts.health.checks or _is_unknown(facts):
        return None
    return "there is no HEALTHCHECK"


@check(
    "healthcheck-unknown",
    Severity.WARNING,
    costs="without one a replica counts as running as soon as its process has started",
    mend=_HEALTHCHECK,
)
def healthcheck_unknown(facts: Facts) -> str | None:
    """It could not be seen whether the new image has a health check."""
    if facts.health.checks or not _is_unknown(facts):
        return None
    return "it could not be seen whether the new image has a HEALTHCHECK"


@check(
    "healthcheck-too-slow",
    Severity.ERROR,
    costs="no new replica can be healthy in time, so that every release counts as bad",
    mend="`healthcheck: {interval: 5s}` in the compose file, `HEALTHCHECK --interval=5s` in the Dockerfile, "
    'or `start_timeout = "5m"` in rollout.toml',
)
def healthcheck_too_slow(facts: Facts) -> str | None:
    """The first answer of the health check comes after `start_timeout`."""
    first, limit = _first_answer(facts.health), facts.options.start_timeout
    if not _is_timed(facts) or first < limit:
        return None
    return f"the first health check comes after {_time(first)}, and start_timeout is {_time(limit)}"


@check(
    "start-timeout-short",
    Severity.WARNING,
    costs="a good release that takes its time would be taken back",
    mend='`start_timeout = "5m"` in rollout.toml, longer than the start period',
)
def start_timeout_short(facts: Facts) -> str | None:
    """The start period of the health check is longer than `start_timeout`."""
    period, limit = facts.health.start_period, facts.options.start_timeout
    if not facts.health.checks or period <= limit:
        return None
    return f"replicas may take {_time(period)} by their start period, and start_timeout is {_time(limit)}"


@check(
    "monitor-short",
    Severity.NOTE,
    costs="where Swarm itself updates the service (`docker stack deploy`, `docker service update`), it is "
    "done with a replica before its health is checked once more; `rollout deploy` keeps watching",
    mend="`update_config: {monitor: 60s}` in the compose file, longer than the interval of the health check",
)
def monitor_short(facts: Facts) -> str | None:
    """`update_config.monitor` is shorter than the interval of the health check."""
    interval = facts.health.interval or DEFAULT_INTERVAL
    given = (facts.target.get("UpdateConfig") or {}).get("Monitor") or 0
    monitor = given / NANOSECONDS or DEFAULT_MONITOR
    if not _is_timed(facts) or monitor >= interval:
        return None
    watched, checked = _time(monitor), _time(interval)
    return f"update_config watches a new replica for {watched}, its health is checked every {checked}"


@check(
    "no-probe",
    Severity.WARNING,
    costs="a release that is healthy but answers every page with an error is not noticed",
    mend='`--probe URL`, or a gate of kind "http" in rollout.toml, [[services.NAME.gates]]',
)
def no_probe(facts: Facts) -> str | None:
    """No gate and no smoke test asks the release itself."""
    options = facts.options
    return None if options.probes or options.gates or options.smoke else "there is no probe"


def _is_unknown(facts: Facts) -> bool:
    """Whether a check may come from an image that nobody has seen; one that is switched off does not."""
    return facts.image is None and not facts.health.test


def _is_timed(facts: Facts) -> bool:
    """Whether there is a check whose times are known: they may stand in an image that nobody has seen."""
    return facts.health.checks and (facts.image is not None or facts.health.interval > 0)


def _first_answer(health: Healthcheck) -> float:
    """When the first probe comes, in seconds after the start: within a start period it may come sooner."""
    interval = health.interval or DEFAULT_INTERVAL
    if not health.start_period:
        return interval
    return min(interval, health.start_interval or DEFAULT_START_INTERVAL)


def _time(seconds: float) -> str:
    return durations.format(round(seconds, 3))


CHECKS: tuple[Check, ...] = (
    no_healthcheck,
    healthcheck_unknown,
    healthcheck_too_slow,
    start_timeout_short,
    monitor_short,
    no_probe,
)
