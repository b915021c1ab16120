"""Where Swarm could put one more task of a service, and why not elsewhere. Pure.

The filters are those of its scheduler, in its order (moby/swarmkit manager/scheduler/filter.go), without
plugins, generic resources and CSI volumes: those are taken to fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rollout import constraints, demands, spec
from rollout.model import Node, Occupant, Spec

_SAME = {"x86_64": "amd64", "aarch64": "arm64"}
_FAMILIES = {"arm": re.compile(r"armv\d.*|arm"), "386": re.compile(r"i\d86|386")}
"""What nodes call themselves whose images go by one name (swarmkit issue 2294)."""


@dataclass(frozen=True)
class Place:
    """A node with what runs on it."""

    node: Node
    occupants: tuple[Occupant, ...] = ()

    @property
    def free_cpus(self) -> float:
        """What no task has reserved, in billionths of a processor; no limit where the node does not say."""
        taken = sum(occupant.nano_cpus for occupant in self.occupants)
        return float("inf") if self.node.nano_cpus is None else self.node.nano_cpus - taken

    @property
    def free_memory(self) -> float:
        """The same in bytes."""
        taken = sum(occupant.memory for occupant in self.occupants)
        return float("inf") if self.node.memory is None else self.node.memory - taken


@dataclass(frozen=True)
class Newcomer:
    """One more task of a service by this spec."""

    service_id: str
    spec: Spec


def places(nodes: Iterable[Node], occupants: Sequence[Occupant]) -> tuple[Place, ...]:
    """The nodes with those on them."""
    return tuple(Place(node, tuple(one for one in occupants if one.node_id == node.id)) for node in nodes)


def obstacle(place: Place, newcomer: Newcomer) -> str:
    """The first thing in the way, in words; empty where the task fits."""
    return next((words for words, fits in _FILTERS.items() if not fits(place, newcomer)), "")


def room(there: Sequence[Place], newcomer: Newcomer, most: int) -> int:
    """How many tasks of the newcomer find a place at the same time, counted up to ``most``."""
    return sum(_room_on(place, newcomer, most) for place in there)


def _room_on(place: Place, newcomer: Newcomer, most: int) -> int:
    cpus, memory = demands.reservations(newcomer.spec)
    for number in range(most):
        if obstacle(place, newcomer):
            return number
        one = Occupant(place.node.id, newcomer.service_id, cpus, memory, demands.host_ports(newcomer.spec))
        place = replace(place, occupants=(*place.occupants, one))
    return most


def eligible(node: Node, target: Spec) -> bool:
    """Whether a node may run the service, whatever its state and whoever is there."""
    place, newcomer = Place(node), Newcomer("", target)
    return _meets_constraints(place, newcomer) and _has_platform(place, newcomer)


def allowed(node: Node, target: Spec) -> bool:
    """The same, whatever its platform."""
    return _meets_constraints(Place(node), Newcomer("", target))


def runs(node: Node, os: str, architecture: str) -> bool:
    """Whether a node runs images of a platform; an empty part fits any."""
    same_machine = not architecture or _normal(architecture) == _normal(node.architecture)
    return same_machine and (not os or os == node.os)


def runs_image(node: Node, platform: str) -> bool:
    """Whether a node's machine runs an image for a platform, ``os/architecture[/variant]``.

    Swarm itself does not see that an ``armv7l`` runs images for ``arm``, and docker's client keeps it from
    asking: so this is the machine's view, and ``runs`` is Swarm's.
    """
    os, _, rest = platform.partition("/")
    architecture = rest.partition("/")[0]
    family = _FAMILIES.get(architecture)
    same_family = family is not None and bool(family.fullmatch(node.architecture))
    return runs(node, os, "" if same_family else architecture)


def _is_ready(place: Place, _newcomer: Newcomer) -> bool:
    return not place.node.gone and place.node.active


def _has_room(place: Place, newcomer: Newcomer) -> bool:
    cpus, memory = demands.reservations(newcomer.spec)
    return cpus <= place.free_cpus and memory <= place.free_memory


def _meets_constraints(place: Place, newcomer: Newcomer) -> bool:
    return constraints.satisfied(demands.constraints(newcomer.spec), place.node)


def _has_platform(place: Place, newcomer: Newcomer) -> bool:
    wanted = demands.platforms(newcomer.spec)
    return not wanted or any(runs(place.node, os, architecture) for os, architecture in wanted)


def _has_ports(place: Place, newcomer: Newcomer) -> bool:
    taken = {port for occupant in place.occupants for port in occupant.ports}
    return not taken & demands.host_ports(newcomer.spec)


def _is_below_limit(place: Place, newcomer: Newcomer) -> bool:
    limit = spec.max_per_node(newcomer.spec)
    own = sum(occupant.service_id == newcomer.service_id for occupant in place.occupants)
    return not limit or own < limit


def _normal(architecture: str) -> str:
    return _SAME.get(architecture, architecture)


_FILTERS: Mapping[str, Callable[[Place, Newcomer], bool]] = {
    "takes no tasks": _is_ready,
    "has too little left to reserve": _has_room,
    "does not meet the constraints": _meets_constraints,
    "is of another platform": _has_platform,
    "has the port in use": _has_ports,
    "has max_replicas_per_node already": _is_below_limit,
}
