"""From what a person types to the one service that is meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from rollout.errors import ServiceNotFound
from rollout.model import Service
from rollout.oneshot.names import is_side_service

STACK_LABEL = "com.docker.stack.namespace"
SHOWN = 12


def find(services: Iterable[Service], name: str) -> Service:
    """The service of that name or ID, or the only one of that short name in a stack (``php`` → ``s_php``).

    What we run beside a service is nobody's to name. Raises ServiceNotFound, which lists the candidates.
    """
    known = tuple(service for service in services if not is_side_service(service.spec))
    exact = [service for service in known if name in {service.name, service.id}]
    found = exact or [service for service in known if short_name(service) == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise ServiceNotFound(f"{name} may be any of {_listed(found)}", "use the full name")
    raise _unknown(known, name)


def short_name(service: Service) -> str:
    """The name inside its stack."""
    stack = dict(service.spec.get("Labels") or {}).get(STACK_LABEL)
    return service.name.removeprefix(f"{stack}_") if stack else service.name


def _unknown(services: tuple[Service, ...], name: str) -> ServiceNotFound:
    names = [service.name for service in services]
    if not names:
        return ServiceNotFound(
            f"there is no service {name}: this Swarm has no services", "deploy the stack first"
        )
    shorts = {short_name(service): service.name for service in services} | {known: known for known in names}
    near = [shorts[match] for match in get_close_matches(name, shorts, n=3)]
    hint = (
        f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else "`rollout status` lists the services"
    )
    return ServiceNotFound(f"there is no service {name}; there are {_listed(services)}", hint)


def _listed(services: Iterable[Service]) -> str:
    names = sorted(service.name for service in services)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
