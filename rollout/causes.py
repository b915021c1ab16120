"""Why a task does not run, and whether the release is to blame: pure functions over what Swarm says.

Swarm has no codes for this, only sentences. They come from moby/swarmkit manager/scheduler (``no suitable
node (…)``, one clause a filter) and moby/moby daemon/cluster/executor/container (``No such image``, ``task:
non-zero exit (137): dockerexec: unhealthy container``); the rest is the container runtime's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rollout.model import Availability, CauseKind, Task, TaskState

KILLED = 137
"""128 + SIGKILL: what the kernel does when memory is used up, among others."""


@dataclass(frozen=True)
class Surroundings:
    """What else is known when a task is judged.

    ``lost`` has the IDs of nodes that are gone, or were a moment ago with the task on them; ``others_died``
    has those on which tasks of the *old* release died meanwhile.
    """

    lost: frozenset[str] = frozenset()
    others_died: frozenset[str] = frozenset()
    registry: Availability = Availability.UNASKED
    memory_limit: int = 0


_ELSEWHERE = frozenset(
    {
        CauseKind.CAPACITY,
        CauseKind.PORT_TAKEN,
        CauseKind.NODE_LOST,
        CauseKind.REGISTRY,
        CauseKind.INCONCLUSIVE,
    }
)

_BY_WORD: Mapping[Availability, CauseKind] = {
    Availability.MISSING: CauseKind.IMAGE,
    Availability.DENIED: CauseKind.IMAGE,
    Availability.AWAY: CauseKind.REGISTRY,
    Availability.THERE: CauseKind.REGISTRY,
    Availability.UNASKED: CauseKind.REGISTRY,
}

_PORT = ("port is already allocated", "address already in use", "port already in use")
_PLATFORM = ("unsupported platform", "exec format error", "no matching manifest", "does not match the host")


def blames_release(kind: CauseKind) -> bool:
    """Whether this is a reason to take the release back, and not one to wait."""
    return kind not in _ELSEWHERE


def asks_registry(task: Task) -> bool:
    """Whether only the registry can tell what is behind the task's error.

    A node says "No such image" when the image is missing, when it may not have it, and when the registry
    was away: it keeps the reason to itself (moby/moby daemon/cluster/executor/container/controller.go).
    """
    return "no such image" in _words(task) and task.state == TaskState.REJECTED


def classify(task: Task, around: Surroundings) -> CauseKind:
    """The cause behind a task that has died, or that does not get to run."""
    if task.node_id in around.lost or task.state == TaskState.ORPHANED:
        return CauseKind.NODE_LOST
    words = _words(task)
    if any(sign in words for sign in _PLATFORM):
        return CauseKind.IMAGE
    if any(sign in words for sign in _PORT):
        return CauseKind.PORT_TAKEN
    if task.died:
        return _of_dead(task, words, around)
    return CauseKind.CAPACITY if "no suitable node" in words else CauseKind.NOT_STARTED


def _of_dead(task: Task, words: str, around: Surroundings) -> CauseKind:
    if asks_registry(task):
        return _BY_WORD[around.registry]
    if task.state == TaskState.REJECTED:
        return CauseKind.REJECTED
    if "unhealthy" in words:
        return CauseKind.UNHEALTHY
    if task.node_id in around.others_died:
        return CauseKind.NODE_LOST
    if task.exit_code == KILLED and around.memory_limit:
        return CauseKind.OUT_OF_MEMORY
    return CauseKind.CRASHED


def describe(kind: CauseKind, task: Task, around: Surroundings) -> str:
    """The cause as a sentence about the task; its own error is shown beside it."""
    if kind == CauseKind.CRASHED and not task.exit_code:
        return _QUIET_END
    limit = f"{around.memory_limit >> 20} MiB"
    return _SENTENCES[kind].format(code=task.exit_code, state=task.state.label, limit=limit)


_QUIET_END = "a task of the new release ended: its process left by itself, or its health checks failed"
"""One that is unhealthy is stopped, and looks well if it then exits with 0 (seen on 20.10)."""


_SENTENCES: Mapping[CauseKind, str] = {
    CauseKind.CRASHED: "a task of the new release ended by itself (exit code {code})",
    CauseKind.UNHEALTHY: "a task of the new release became unhealthy",
    CauseKind.OUT_OF_MEMORY: "a task of the new release was killed (exit code {code}): most likely it used "
    "up its memory limit of {limit}",
    CauseKind.REJECTED: "a task of the new release could not be started",
    CauseKind.IMAGE: "a node cannot use the new image",
    CauseKind.NOT_STARTED: "a task of the new release did not get beyond {state}",
    CauseKind.CAPACITY: "no node has room for a task of the new release",
    CauseKind.PORT_TAKEN: "the port that a task publishes is taken on its node",
    CauseKind.NODE_LOST: "the node of a task is gone",
    CauseKind.REGISTRY: "a node could not get the image from the registry",
}


def _words(task: Task) -> str:
    return f"{task.error} {task.message}".lower()
