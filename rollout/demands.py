"""What a service asks of the nodes that it runs on: read from its raw spec. Pure."""

from __future__ import annotations

from typing import Any

from rollout.model import HostPort, Spec


def constraints(spec: Spec) -> tuple[str, ...]:
    """The placement constraints, as they are written."""
    return tuple(map(str, _placement(spec).get("Constraints") or ()))


def platforms(spec: Spec) -> tuple[tuple[str, str], ...]:
    """The platforms that the spec names, each as OS and architecture; none means any."""
    found = _placement(spec).get("Platforms") or ()
    return tuple((str(one.get("OS") or ""), str(one.get("Architecture") or "")) for one in found)


def reservations(spec: Spec) -> tuple[int, int]:
    """What a task keeps for itself: billionths of a processor, and bytes of memory."""
    found = ((spec.get("TaskTemplate") or {}).get("Resources") or {}).get("Reservations") or {}
    return int(found.get("NanoCPUs") or 0), int(found.get("MemoryBytes") or 0)


def host_ports(spec: Spec) -> frozenset[HostPort]:
    """The ports that a task takes on its node; one whose number the engine chooses is in nobody's way."""
    ports = (spec.get("EndpointSpec") or {}).get("Ports") or ()
    fixed = [port for port in ports if port.get("PublishMode") == "host" and port.get("PublishedPort")]
    return frozenset((str(port.get("Protocol") or "tcp"), int(port["PublishedPort"])) for port in fixed)


def _placement(spec: Spec) -> dict[str, Any]:
    found: dict[str, Any] = (spec.get("TaskTemplate") or {}).get("Placement") or {}
    return found
