"""From a judgement to a cause that helps at night: which task, where, its error and its last words."""

from __future__ import annotations

from rollout.errors import RolloutError
from rollout.model import Cause, CauseKind, Judgement, Snapshot, Task
from rollout.ports import Swarm

LOG_LINES = 10


def cause_of(judgement: Judgement, snapshot: Snapshot, swarm: Swarm) -> Cause:
    """The cause behind a failed gate; a task's log is read where there is a task."""
    kind = judgement.cause or CauseKind.PROBE
    task = judgement.task
    if task is None:
        return Cause(kind, judgement.evidence)
    return Cause(
        kind,
        judgement.evidence,
        task_id=task.id,
        slot=task.slot,
        node=snapshot.node_name(task),
        error=task.error or task.message,
        log=_last_words(swarm, task),
    )


def _last_words(swarm: Swarm, task: Task) -> tuple[str, ...]:
    try:
        return swarm.logs(task.id, LOG_LINES)
    except RolloutError:
        return ()
