"""Whether a task would be replaced: swarmkit's IsTaskDirty (manager/orchestrator/task.go)."""

from __future__ import annotations

from collections.abc import Mapping

from rollout import spec
from rollout.model import Spec, TaskState
from rollout.sim.node import SimNode
from rollout.sim.service import SimService
from rollout.sim.task import SimTask


def is_dirty(service: SimService, task: SimTask, nodes: Mapping[str, SimNode]) -> bool:
    """Whether the task does not match the service's spec.

    A spec version in common settles it; otherwise the task's part of the spec and the endpoint are
    compared, so labels and pacing never make a task dirty.
    """
    if task.spec_version == service.spec_version:
        return False
    if _alike(service, task):
        return _needs_other_credentials(service, task)
    return not _only_placement_differs(service, task, nodes.get(task.node_id))


def _alike(service: SimService, task: SimTask) -> bool:
    """Whether task and endpoint are the same; compared once for each two versions."""
    versions = (service.spec_version, task.spec_version)
    if versions not in service.alike:
        endpoint = service.spec.get("EndpointSpec") or {}
        same_task = spec.same(service.template, task.spec)
        service.alike[versions] = same_task and spec.same(endpoint, task.endpoint)
    return service.alike[versions]


def _only_placement_differs(service: SimService, task: SimTask, node: SimNode | None) -> bool:
    """New constraints that the task's node meets leave it alone."""
    if _same_placement(service.template, task.spec) or node is None:
        return False
    same_otherwise = spec.same(_unplaced(service.template), _unplaced(task.spec))
    return same_otherwise and node.satisfies(service.constraints)


def _needs_other_credentials(service: SimService, task: SimTask) -> bool:
    """Credentials count only while the image may still have to be pulled."""
    pulled = task.wanted and TaskState.READY <= task.state <= TaskState.RUNNING
    return not pulled and service.credentials != task.credentials


def _same_placement(one: Spec, other: Spec) -> bool:
    return spec.same(one.get("Placement") or {}, other.get("Placement") or {})


def _unplaced(template: Spec) -> Spec:
    return {key: value for key, value in template.items() if key != "Placement"}
