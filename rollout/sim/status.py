"""What an update writes into its service about itself; each such write moves the service's version."""

from __future__ import annotations

from dataclasses import replace

from rollout.sim.memory import Memory
from rollout.sim.service import SimService, UpdateStatus


class StatusWriter:
    """The status writes of swarmkit's updater; a service written since the update began is left alone."""

    def __init__(self, memory: Memory, service_id: str) -> None:
        self._memory = memory
        self._service_id = service_id

    def begin(self) -> None:
        """Say that an update is in progress, if nothing is said yet."""
        service = self._memory.services.get(self._service_id)
        if service is not None and service.update_status is None:
            self._put(service, UpdateStatus("updating", "update in progress", self._memory.clock.now()))

    def pause(self, task_id: str) -> None:
        """Say that the update rests until someone writes the service."""
        service = self._memory.services.get(self._service_id)
        if service is None or service.update_status is None:
            return
        back = service.status == "rollback_started"
        message = f"{_name(service)} paused due to failure or early termination of task {task_id}"
        state = "rollback_paused" if back else "paused"
        self._put(service, replace(service.update_status, state=state, message=message))

    def roll_back(self, task_id: str) -> None:
        """Bring the previous spec back, which begins another update."""
        service = self._memory.services.get(self._service_id)
        if service is None or service.update_status is None or service.previous_spec is None:
            return
        message = f"update rolled back due to failure or early termination of task {task_id}"
        status = replace(service.update_status, state="rollback_started", message=message)
        previous, version = service.previous_spec, service.previous_spec_version
        self._put(replace(service, spec=previous, spec_version=version, previous_spec=None), status)

    def complete(self) -> None:
        """Say that the update, or the rollback, is done."""
        service = self._memory.services.get(self._service_id)
        if service is None or service.update_status is None:
            return
        name = _name(service)
        state = "rollback_completed" if name == "rollback" else "completed"
        now = self._memory.clock.now()
        message = f"{name} completed"
        self._put(service, replace(service.update_status, state=state, message=message, completed=now))

    def _put(self, service: SimService, status: UpdateStatus) -> None:
        self._memory.put_service(replace(service, update_status=status))


def _name(service: SimService) -> str:
    return "rollback" if service.status == "rollback_started" else "update"
