"""Tasks that stay pending, or do not get healthy."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.model import Ailment, Condition, Level, Task, TaskState
from rollout.vigil.history import age
from rollout.vigil.rules.case import Case, trouble
from rollout.vigil.survey import Standing


def tasks(case: Case) -> Iterator[Condition]:
    """Services with a task that gets no further for longer than a time.

    The time counts from when the task came into its state, so that it also holds for the first look.
    """
    for one in case.survey.standings:
        if one.healthy == len(one.tasks):
            continue
        waiting = [task for task in one.tasks if task.state < TaskState.RUNNING and _should_move(task)]
        slow = [task for task in waiting if age(task, case.survey.now) >= case.vigil.stuck_for]
        if slow:
            yield _condition(one, slow[-1], case)


def _should_move(task: Task) -> bool:
    """A task that Swarm wants no further than ready waits for an older one, or for its restart delay."""
    return task.desired == TaskState.RUNNING


def _condition(one: Standing, task: Task, case: Case) -> Condition:
    node = case.survey.node_name(task.node_id) if task.node_id else ""
    doing = "does not get healthy" if task.state == TaskState.STARTING else "does not start"
    return Condition(
        Ailment.STUCK,
        one.id,
        one.name,
        f"a task {doing}",
        Level.WARNING if one.healthy else Level.FAILURE,
        facts=(("why", trouble(task, node)),),
        next=f"`rollout status {one.name}` shows its replicas",
        task_id=task.id,
    )
