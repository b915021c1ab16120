"""Placement constraints, as Swarm reads them (moby/swarmkit manager/constraint/constraint.go). Pure.

Keys and values do not mind upper and lower case, a label's own name does. A key that Swarm does not know
fits no node; what it cannot read at all fits every node, since then it filters by none of them.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence

from rollout.model import Node

_EXPRESSION = re.compile(r"\s*([A-Za-z_][A-Za-z0-9\-_.]+)\s*(==|!=)\s*(.+?)\s*")


def satisfied(constraints: Sequence[str], node: Node) -> bool:
    """Whether a node meets all of them."""
    read = [_EXPRESSION.fullmatch(one) for one in constraints]
    if not all(read):
        return True
    return all(_meets(found[1], found[2] == "==", found[3], node) for found in read if found)


def _meets(key: str, equal: bool, wanted: str, node: Node) -> bool:
    if key.lower() == "node.ip":
        return _meets_address(equal, wanted, node)
    found = _value(key, node)
    return found is not None and (found.lower() == wanted.lower()) == equal


def _value(key: str, node: Node) -> str | None:
    """What a node has for a key; None where Swarm knows no such key."""
    for prefix, labels in (("node.labels.", node.labels), ("engine.labels.", node.engine_labels)):
        if key.lower().startswith(prefix) and len(key) > len(prefix):
            return labels.get(key[len(prefix) :], "")
    read = _ATTRIBUTES.get(key.lower())
    return read(node) if read else None


def _meets_address(equal: bool, wanted: str, node: Node) -> bool:
    """An address, or a network of them; what is neither fits no node."""
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False
    try:
        return (ipaddress.ip_address(node.address) in network) == equal
    except ValueError:
        return not equal


_ATTRIBUTES: Mapping[str, Callable[[Node], str]] = {
    "node.id": lambda node: node.id,
    "node.hostname": lambda node: node.hostname,
    "node.role": lambda node: "manager" if node.manager else "worker",
    "node.platform.os": lambda node: node.os,
    "node.platform.arch": lambda node: node.architecture,
}
