"""Are the nodes up, and are their engines known to be good?"""

from __future__ import annotations

import re
from typing import TypeAlias

from rollout.model.finding import Severity
from rollout.preflight.check import Check, check, listed
from rollout.preflight.facts import Facts

Version: TypeAlias = tuple[int, int, int]

CUTTING: tuple[tuple[Version, Version], ...] = (((29, 0, 0), (29, 1, 4)), ((25, 0, 13), (25, 0, 14)))
"""First and last versions that cut connections to draining tasks on other nodes (moby/moby issue 51651)."""


@check(
    "nodes-down",
    Severity.WARNING,
    costs="the others carry its load already, and have less room for new replicas",
    mend="`docker node ls` shows them; bring them back, or `docker node rm NODE`",
)
def down(facts: Facts) -> str | None:
    """Nodes that may run the service are down."""
    names = [node.hostname for node in facts.eligible if node.gone]
    return f"nodes that may run the service cannot be reached ({listed(names)})" if names else None


@check(
    "nodes-drained",
    Severity.NOTE,
    costs="there is less room for new replicas",
    mend="`docker node update --availability active NODE`",
)
def drained(facts: Facts) -> str | None:
    """Nodes that may run the service are drained or paused."""
    names = [node.hostname for node in facts.eligible if not node.active and not node.gone]
    return f"nodes that may run the service take no tasks ({listed(names)})" if names else None


@check(
    "engine-cuts-connections",
    Severity.WARNING,
    costs="these versions cut established connections to replicas that drain on another node",
    mend="update the engines: 29.1.5 or newer, 25.0.15 or newer",
)
def cutting(facts: Facts) -> str | None:
    """A node's engine is 29.0.0 to 29.1.4, or 25.0.13 to 25.0.14."""
    affected = [node for node in facts.snapshot.nodes.values() if _cuts(node.engine)]
    told = [f"{node.hostname} has {node.engine}" for node in affected]
    return f"engines have a known fault ({listed(told)})" if told else None


def version(engine: str) -> Version | None:
    """An engine's version in numbers; None where it does not say."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", engine)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _cuts(engine: str) -> bool:
    number = version(engine)
    return number is not None and any(first <= number <= last for first, last in CUTTING)


CHECKS: tuple[Check, ...] = (down, drained, cutting)
