"""Do old replicas finish the requests that they have in hand?"""

from __future__ import annotations

from rollout import durations, spec
from rollout.model import Order
from rollout.model.finding import Severity
from rollout.preflight.check import Check, check
from rollout.preflight.facts import Facts
from rollout.preflight.servers import server_of, stop_signal
from rollout.spec import NANOSECONDS

DEFAULT_GRACE = 10.0
"""In seconds, the engine's (moby/swarmkit agent, and the daemon's own for containers)."""
SERVERS_GRACE = 30.0
"""What a web server's requests may take: PHP's own limit, max_execution_time, is 30 s by default."""
LONG_GRACE = 60.0


@check(
    "stop-signal",
    Severity.WARNING,
    costs="it breaks off the requests that it is working on",
    mend="`STOPSIGNAL SIGQUIT` in the Dockerfile or `stop_signal: SIGQUIT` in the compose file (SIGUSR1 for "
    'HAProxy, SIGWINCH for Apache), or `stop_signal = "SIGQUIT"` in rollout.toml; php-fpm also needs '
    "process_control_timeout in its own configuration",
)
def unfit_signal(facts: Facts) -> str | None:
    """php-fpm, nginx, HAProxy or Apache is stopped by a signal that ends it at once."""
    server, signal = server_of(facts.target, facts.image), stop_signal(facts.target, facts.image)
    if server is None or signal is None or signal == server.graceful:
        return None
    return f"{server.name} is stopped by {signal} instead of {server.graceful}"


@check(
    "grace-short",
    Severity.WARNING,
    costs="requests that take longer are cut off",
    mend='`stop_grace_period: 40s` in the compose file or `stop_grace_period = "40s"` in rollout.toml, '
    "longer than the longest request",
)
def short_grace(facts: Facts) -> str | None:
    """The grace period is below 30 s for a known web server, or below Docker's own 10 s for anything else."""
    server, grace = server_of(facts.target, facts.image), grace_period(facts)
    if grace >= (SERVERS_GRACE if server else DEFAULT_GRACE):
        return None
    who = server.name if server else "a replica"
    return f"{who} is killed {durations.format(grace)} after it was told to stop"


@check(
    "grace-long",
    Severity.WARNING,
    costs="its successor starts only then, and until then there is one replica less",
    mend="`stop_grace_period: 40s` in the compose file, or `order: start-first` in update_config",
)
def long_grace(facts: Facts) -> str | None:
    """The grace period is above 60 s, and replicas stop before their successors start."""
    grace = grace_period(facts)
    if facts.order != Order.STOP_FIRST or grace <= LONG_GRACE:
        return None
    return f"with stop-first a replica may take {durations.format(grace)} to leave"


def grace_period(facts: Facts) -> float:
    """The grace period in effect, in seconds."""
    own = spec.container(facts.target).get("StopGracePeriod")
    return DEFAULT_GRACE if own is None else own / NANOSECONDS


CHECKS: tuple[Check, ...] = (unfit_signal, short_grace, long_grace)
