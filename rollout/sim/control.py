"""The control API for services: what it refuses, and what a write does (swarmkit manager/controlapi)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rollout.errors import AlreadyExists, Conflict, EngineRefused, NotFound
from rollout.model import Service, Spec
from rollout.sim.memory import Memory
from rollout.sim.service import SimService, UpdateStatus
from rollout.sim.specs import kind_of_mode, normalised
from rollout.sim.wall import EngineClock


class Control:
    """Writes services."""

    def __init__(self, memory: Memory, clock: EngineClock) -> None:
        self._memory = memory
        self._clock = clock

    def find(self, service_id: str) -> SimService:
        """A service by ID or full name."""
        services = self._memory.services.values()
        found = next((service for service in services if service_id in {service.id, service.name}), None)
        if found is None:
            raise NotFound(f"there is no service {service_id}")
        return found

    def create(self, spec: Spec, credentials: str | None) -> SimService:
        """Create a service; its name must be free."""
        _validate(spec)
        if any(service.name == spec["Name"] for service in self._memory.services.values()):
            raise AlreadyExists(f"a service named {spec['Name']} is there already")
        service = SimService(self._memory.identity(), normalised(spec), credentials=credentials)
        return self._memory.put_service(service)

    def update(self, seen: Service, spec: Spec, credentials: str | None) -> None:
        """Write a spec over a service as it was read; this resets the status and keeps the former spec."""
        found = self._memory.services.get(seen.id)
        if found is None:
            raise NotFound(f"the service {seen.name} is gone")
        _validate(spec)
        _validate_change(found, spec)
        if found.version != seen.version:
            raise Conflict(f"the service {seen.name} was written meanwhile: update out of sequence")
        self._memory.put_service(
            replace(
                found,
                spec=normalised(spec),
                spec_version=seen.version,
                previous_spec=found.spec,
                previous_spec_version=found.spec_version,
                update_status=None,
                credentials=found.credentials if credentials is None else credentials,
            )
        )

    def inspect(self, service: SimService) -> dict[str, Any]:
        """A service as ``GET /services/{id}`` shows it."""
        shown: dict[str, Any] = {
            "ID": service.id,
            "Version": {"Index": service.version},
            "Spec": service.spec,
            "Endpoint": {"Spec": service.spec.get("EndpointSpec") or {}},
        }
        if service.previous_spec is not None:
            shown["PreviousSpec"] = service.previous_spec
        if service.update_status is not None:
            shown["UpdateStatus"] = self._shown(service.update_status)
        return shown

    def _shown(self, status: UpdateStatus) -> Mapping[str, Any]:
        started = self._clock.at(status.started).isoformat()
        shown = {"State": status.state, "StartedAt": started, "Message": status.message}
        if status.completed is not None:
            shown["CompletedAt"] = self._clock.at(status.completed).isoformat()
        return shown


def _validate(spec: Spec) -> None:
    container = (spec.get("TaskTemplate") or {}).get("ContainerSpec")
    if container is None:
        raise EngineRefused("mismatched Runtime and *Spec fields")
    if not container.get("Image"):
        raise EngineRefused("ContainerSpec: image reference must be provided")
    for key in ("UpdateConfig", "RollbackConfig"):
        _validate_pacing(spec.get(key) or {})


def _validate_pacing(config: Mapping[str, Any]) -> None:
    if int(config.get("Delay") or 0) < 0:
        raise EngineRefused("TaskSpec: update-delay cannot be negative")
    if int(config.get("Monitor") or 0) < 0:
        raise EngineRefused("TaskSpec: update-monitor cannot be negative")
    if not 0 <= float(config.get("MaxFailureRatio") or 0) <= 1:
        raise EngineRefused("TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1")


def _validate_change(service: SimService, spec: Spec) -> None:
    if kind_of_mode(service.spec) != kind_of_mode(spec):
        raise EngineRefused("service mode change is not allowed")
    if service.name != spec.get("Name"):
        raise EngineRefused("renaming services is not supported")
