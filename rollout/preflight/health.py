"""Is it seen whether a new replica is well, and in time?"""

from __future__ import annotations

from rollout import durations
from rollout.fast_health import DEFAULT_INTERVAL, DEFAULT_START_INTERVAL
from rollout.model import Healthcheck
from rollout.model.finding import Severity
from rollout.preflight import nodes
from rollout.preflight.check import Check, check
from rollout.preflight.facts import Facts
from rollout.spec import NANOSECONDS

DEFAULT_RETRIES = 3
"""The engine's (moby/moby daemon/health.go, defaultProbeRetries)."""
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
    "healthcheck-guessed",
    Severity.NOTE,
    costs="if it has lost it, its replicas count as running as soon as their processes have started",
    mend="a login with which this machine can read the image's config, or `healthcheck:` in the compose file",
)
def healthcheck_guessed(facts: Facts) -> str | None:
    """The present image has a health check, and whether the new one has it too could not be seen."""
    if not facts.guessed or not facts.health.checks or facts.brings_own_test:
        return None
    return "only the present image's HEALTHCHECK is known, not the new one's"


@check(
    "healthcheck-too-slow",
    Severity.ERROR,
    costs="no new replica can be healthy in time, so that every release counts as bad",
    mend="`healthcheck: {interval: 5s}` in the compose file, `HEALTHCHECK --interval=5s` in the Dockerfile, "
    'or `start_timeout = "5m"` in rollout.toml',
)
def healthcheck_too_slow(facts: Facts) -> str | None:
    """The first answer of the health check comes after `start_timeout`."""
    first, limit = _first_answer(facts), facts.options.start_timeout
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
    "done with a replica before that can be known; `rollout deploy` keeps watching",
    mend="`update_config: {monitor: 60s}` in the compose file, longer than interval times retries of the "
    "health check",
)
def monitor_short(facts: Facts) -> str | None:
    """`update_config.monitor` is shorter than the health check takes to fail: interval times retries."""
    health = facts.health
    window = (health.interval or DEFAULT_INTERVAL) * (health.retries or DEFAULT_RETRIES)
    given = (facts.target.get("UpdateConfig") or {}).get("Monitor") or 0
    monitor = given / NANOSECONDS or DEFAULT_MONITOR
    if not _is_timed(facts) or monitor >= window:
        return None
    watched, took = _time(monitor), _time(window)
    return f"update_config watches a new replica for {watched}, and a health check takes {took} to fail"


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


def _first_answer(facts: Facts) -> float:
    """When the first probe comes at the latest, in seconds after the start, by the nodes' engines."""
    engines = {node.engine for node in facts.eligible if node.active and not node.gone}
    return max(_first_on(engine, facts.health) for engine in engines or {""})


def _first_on(engine: str, health: Healthcheck) -> float:
    """Within a start period it may come sooner.

    Engines know start intervals from 25 on, and have a default from 27 on (moby/moby daemon/health.go).
    """
    interval = health.interval or DEFAULT_INTERVAL
    known = nodes.version(engine) or (27, 0, 0)
    hurried = known >= (25, 0, 0) if health.start_interval else known >= (27, 0, 0)
    if not health.start_period or not hurried:
        return interval
    return min(interval, health.start_interval or DEFAULT_START_INTERVAL)


def _time(seconds: float) -> str:
    return durations.format(round(seconds, 3))


CHECKS: tuple[Check, ...] = (
    no_healthcheck,
    healthcheck_unknown,
    healthcheck_guessed,
    healthcheck_too_slow,
    start_timeout_short,
    monitor_short,
    no_probe,
)
