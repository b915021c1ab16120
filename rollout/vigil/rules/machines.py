"""Nodes that are down, and managers that cannot afford to lose one more."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.model import Ailment, Condition, Level, Node
from rollout.vigil.rules.case import Case, plural

SMALLEST = 3
"""Managers of a Swarm that can lose one: with fewer there never was a margin, and nothing has changed."""
_SHOWN = 8


def nodes(case: Case) -> Iterator[Condition]:
    """Nodes that are down and should not be: one that was drained before is left alone."""
    return (_down(node, case) for node in case.survey.nodes.values() if node.gone and node.active)


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
        (("it ran", _listed(names)),) if names else (),
        f"`docker node inspect {node.hostname}` tells more; "
        f"if it is gone for good: docker node rm --force {node.hostname}",
        touches=touched,
    )


def _thin(known: list[Node], there: list[Node], quorum: int) -> Condition:
    lost = sorted(node.hostname for node in known if node not in there)
    loss = "the Swarm is about to stop taking orders" if len(there) < quorum else "no more may be lost"
    return Condition(
        Ailment.QUORUM,
        "managers",
        "managers",
        f"{len(there)} of {plural(len(known), 'manager')} can be reached: {loss}",
        Level.FAILURE,
        facts=(("lost", _listed(lost)),),
        next="bring them back, or promote another node: docker node promote NODE",
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
