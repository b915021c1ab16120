"""The checks."""

from __future__ import annotations

from collections.abc import Callable

from rollout import spec
from rollout.model import Finding, Mode, Order
from rollout.preflight.facts import Facts


def healthcheck(facts: Facts) -> Finding | None:
    """Without a HEALTHCHECK, RUNNING only means that a process was started."""
    check = spec.healthcheck(facts.target, facts.image_check)
    if check.checks:
        return None
    if not check.test and facts.image_check is None:
        return Finding(
            "healthcheck-unknown",
            "it could not be seen whether the new image has a HEALTHCHECK; without one a replica counts as "
            "running as soon as its process has started",
            "put a `healthcheck:` into the compose file, or a HEALTHCHECK into the Dockerfile",
        )
    return Finding(
        "no-healthcheck",
        "there is no HEALTHCHECK: a replica counts as running as soon as its process has started, and gets "
        "requests that it cannot answer yet",
        "put a `healthcheck:` into the compose file, or a HEALTHCHECK into the Dockerfile",
    )


def probe(facts: Facts) -> Finding | None:
    """Without a probe nobody asks the site itself."""
    if facts.options.probes:
        return None
    return Finding(
        "no-probe",
        "there is no probe: a release that is healthy but answers every page with an error is not noticed",
        'pass --probe URL, or set a gate of kind "http" in rollout.toml, [[services.NAME.gates]]',
    )


def pinned_by_start_first(facts: Facts) -> Finding | None:
    """Start-first beside a host port or a limit per node waits for a place that never comes free."""
    cramped = spec.has_host_ports(facts.target) or spec.max_per_node(facts.target)
    if facts.order != Order.START_FIRST or not cramped:
        return None
    return Finding(
        "start-first-unplaceable",
        "start-first may find no place for the new replica beside the old one: a host-mode port or "
        "max_replicas_per_node is in the way",
        "pass --order stop-first",
    )


def lone_replica(facts: Facts) -> Finding | None:
    """One replica that stops first is a site that is down."""
    if facts.order != Order.STOP_FIRST or len(facts.snapshot.slots) != 1:
        return None
    return Finding(
        "single-replica",
        "there is one replica and it stops before the new one starts: the service is down in between",
        "run two replicas or more, or make start-first possible",
    )


def unwell(facts: Facts) -> Finding | None:
    """Replicas that are down before anything happens."""
    down = [slot.key for slot in facts.snapshot.slots if not any(task.running for task in slot.wanted)]
    if not down:
        return None
    return Finding(
        "replicas-down",
        f"{len(down)} of {len(facts.snapshot.slots)} replicas are not running, before anything has begun",
        "look at `rollout status SERVICE`; go on if the new release is the cure",
    )


def unpaced(facts: Facts) -> Finding | None:
    """Seen on 20.10; moby/swarmkit manager/orchestrator/global/global.go, reconcileOneNode."""
    if spec.mode(facts.target) != Mode.GLOBAL:
        return None
    return Finding(
        "global-unpaced",
        "in global mode a change of a node (a label, its availability, its return) replaces the task on it "
        "at once, batch or no batch",
        "leave the nodes alone until the deployment is over",
    )


CHECKS: tuple[Callable[[Facts], Finding | None], ...] = (
    healthcheck,
    probe,
    pinned_by_start_first,
    lone_replica,
    unwell,
    unpaced,
)
