"""Nodes that are down, and managers that cannot afford to lose one more."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.model import Ailment, Condition, Level, Node
from rollout.vigil.rules.case import A_MOMENT, Case, plural

SMALLEST = 3
"""Managers of a Swarm that can lose one: with fewer there never was a margin, and nothing has changed."""
SHORT_ID = 12
_SHOWN = 8


def nodes(case: Case) -> Iterator[Condition]:
    """Nodes that are down and should not be: one that was drained before is left alone.

    So is what a machine that has joined anew has left behind under its old ID.
    """
    up = {node.hostname for node in case.survey.nodes.values() if not node.gone}
    for node in case.survey.nodes.values():
        if node.gone and node.active and node.hostname not in up:
            yield _down(node, case)
            yield from _stranded(node, case)


def managers(case: Case) -> Iterator[Condition]:
    """Whether the Swarm would stop taking orders if one more manager were lost."""
    known = [node for node in case.survey.nodes.values() if node.manager]
    there = [node for node in known if node.reachable and not node.gone]
    quorum = len(known) // 2 + 1
    if len(known) >= SMALLEST and len(there) <= quorum:
        yield _thin(known, there, quorum)


def _down(node: Node, case: Case) -> Condition:
    touched = case.history.places.get(node.id, frozenset())
    names = sorted(one.name for one in case.survey.standings if one.id in touched)
    return Condition(
        Ailment.NODE_DOWN,
        node.id,
        node.hostname,
        f"the node {node.hostname} is down",
        Level.FAILURE if node.manager else Level.WARNING,
        case.vigil.node_for,
        (("id", node.id[:SHORT_ID]), *((("it ran", _listed(names)),) if names else ())),
        _next(node),
        touches=touched,
    )


def _stranded(node: Node, case: Case) -> Iterator[Condition]:
    """What ran there has no replica left: users meet that, whatever the reason is."""
    touched = case.history.places.get(node.id, frozenset())
    dead = sorted(one.name for one in case.survey.standings if one.id in touched and one.dead)
    if dead:
        yield Condition(
            Ailment.STRANDED,
            node.id,
            node.hostname,
            f"the node {node.hostname} is down, and no replica is left of {_listed(dead)}",
            Level.FAILURE,
            max(case.vigil.node_for, case.vigil.replicas_for),
            (("id", node.id[:SHORT_ID]),),
            _next(node),
            touches=touched,
        )


def _next(node: Node) -> str:
    """By its ID: another machine may go by the same name."""
    known = node.id[:SHORT_ID]
    return f"`docker node inspect {known}` tells more; if it is gone for good: docker node rm --force {known}"


def _thin(known: list[Node], there: list[Node], quorum: int) -> Condition:
    lost = sorted(node.hostname for node in known if node not in there)
    loss = "the Swarm is about to stop taking orders" if len(there) < quorum else "no more may be lost"
    return Condition(
        Ailment.QUORUM,
        "managers",
        "managers",
        f"{len(there)} of {plural(len(known), 'manager')} can be reached: {loss}",
        Level.FAILURE,
        A_MOMENT,
        (("lost", _listed(lost)),),
        next="bring them back, or promote another node: docker node promote NODE",
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
