"""Reads what is around a service, each thing only where a check has a question about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rollout import demands, spec
from rollout.model import Order, Service, Spec
from rollout.ports import Surroundings, Swarm
from rollout.preflight.facts import Neighbour, Survey
from rollout.preflight.network import is_dnsrr, networks
from rollout.preflight.resolving import ASKING
from rollout.preflight.servers import server_of


def survey(swarm: Swarm, around: Surroundings, service: Service, target: Spec, order: Order) -> Survey:
    """What the checks want to know about the surroundings of a deployment to ``target``."""
    known = service.spec
    return Survey(
        occupants=around.occupants() if _is_cramped(target, order) else None,
        missing_secrets=_missing("Secret", known, target, around.has_secret),
        missing_configs=_missing("Config", known, target, lambda one: around.config_text(one) is not None),
        neighbours=_neighbours(swarm, around, service, target) if is_dnsrr(target) else (),
    )


def _is_cramped(target: Spec, order: Order) -> bool:
    """Whether others on a node can be in the way of one replica more."""
    kept = any(demands.reservations(target)) or demands.host_ports(target) or spec.max_per_node(target)
    return order == Order.START_FIRST and bool(kept)


def _missing(kind: str, known: Spec, target: Spec, there: Callable[[str], bool]) -> tuple[str, ...]:
    """The names of those that are not there. What the spec in force names is: Swarm lets nobody remove it."""
    wanted, kept = _references(kind, target), _references(kind, known)
    return tuple(name for identity, name in wanted.items() if identity not in kept and not there(identity))


def _references(kind: str, of: Spec) -> Mapping[str, str]:
    """Names by ID of the secrets or configs that a spec gives to its containers."""
    found = spec.container(of).get(f"{kind}s") or ()
    return {str(one.get(f"{kind}ID")): str(one.get(f"{kind}Name")) for one in found}


def _neighbours(swarm: Swarm, around: Surroundings, service: Service, target: Spec) -> tuple[Neighbour, ...]:
    """The servers on the same networks that have a configuration which can be read."""
    near = [one for one in swarm.services() if one.id != service.id and networks(one.spec) & networks(target)]
    asked = [one for one in near if _asks_dns(one.spec) and _references("Config", one.spec)]
    return tuple(Neighbour(one.name, one.spec, _files(around, one.spec)) for one in asked)


def _asks_dns(of: Spec) -> bool:
    server = server_of(of, None)
    return server is not None and server.name in ASKING


def _files(around: Surroundings, of: Spec) -> tuple[str, ...]:
    texts = (around.config_text(identity) for identity in _references("Config", of))
    return tuple(text for text in texts if text is not None)
