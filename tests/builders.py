"""Small values for tests: a service, its tasks, a plan, each with what the test cares about."""

from __future__ import annotations

from typing import Any

from rollout.model import Image, Service, Slot, Snapshot, Task, TaskState

OLD = Image("registry.example/app", "1", "sha256:" + "1" * 64)
NEW = Image("registry.example/app", "2", "sha256:" + "2" * 64)


def spec_of(image: Image = OLD, replicas: int | None = 4, **fields: Any) -> dict[str, Any]:
    """A service spec as an engine sends it; ``replicas`` None means global mode."""
    mode = {"Global": {}} if replicas is None else {"Replicated": {"Replicas": replicas}}
    spec: dict[str, Any] = {
        "Name": "site_app",
        "Labels": {"com.docker.stack.namespace": "site"},
        "TaskTemplate": {"ContainerSpec": {"Image": str(image)}, "ForceUpdate": 0},
        "Mode": mode,
    }
    return spec | fields


def service_of(spec: dict[str, Any], version: int = 10, service_id: str = "s" * 25) -> Service:
    return Service(service_id, spec["Name"], version, spec)


def task_of(slot: int | str, **fields: Any) -> Task:
    known: dict[str, Any] = {
        "id": f"task-{slot}",
        "slot": str(slot),
        "state": TaskState.RUNNING,
        "desired": TaskState.RUNNING,
        "up_to_date": True,
        "image": OLD,
        "node_id": "node-1",
    }
    return Task(**(known | fields))


def slot_of(*tasks: Task) -> Slot:
    return Slot(tasks[0].slot, tasks)


def snapshot_of(spec: dict[str, Any], *tasks: Task) -> Snapshot:
    return Snapshot(service_of(spec), tuple(slot_of(task) for task in tasks))
