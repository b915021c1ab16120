"""How a side service's only task stands: judged from what Swarm says of it. Pure.

A preview has to run, a command has to end well; neither is restarted, so that the first end is the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rollout.model import Judgement, Node, Task, TaskState, Verdict

_EXITED = "task: non-zero exit"
"""How the error of a task begins whose process ran and ended badly. One that did not even start may have an
exit code too: 127 where the command is not in the image (seen on 20.10)."""
_STEPS: tuple[tuple[TaskState, str], ...] = (
    (TaskState.PENDING, "was waiting for a node"),
    (TaskState.ASSIGNED, "was handed to its node"),
    (TaskState.READY, "was being prepared, its image pulled"),
    (TaskState.STARTING, "was started and not healthy yet"),
)
"""What a task is at, up to and including a state."""


def judge_command(task: Task | None) -> Judgement:
    """Pass when it has ended with exit code 0, fail when it has ended otherwise."""
    if task is not None and task.state == TaskState.COMPLETE:
        return Judgement(Verdict.PASS, "it ended with exit code 0", task=task)
    return _unless_ended(task)


def judge_commands(tasks: Iterable[Task]) -> Judgement:
    """The same for the only task that there is, or none yet."""
    return judge_command(next(iter(tasks), None))


def judge_previews(tasks: Iterable[Task], wanted: int) -> Judgement:
    """Pass when so many of them run, fail with the first that fails."""
    each = [judge_preview(task) for task in tasks]
    failed = next((one for one in each if one.verdict == Verdict.FAIL), None)
    if failed is not None:
        return failed
    running = sum(one.verdict == Verdict.PASS for one in each)
    verdict = Verdict.PASS if running >= wanted else Verdict.INCONCLUSIVE
    return Judgement(verdict, f"{running} of {wanted} run")


def judge_preview(task: Task | None) -> Judgement:
    """Pass when it runs, which means healthy where a health check says so; fail when it has ended.

    One that fails its health check is told to stop, and may well do so with exit code 0 and no other trace.
    """
    if task is not None and task.running:
        return Judgement(Verdict.PASS, "it runs", task=task)
    if task is not None and task.state == TaskState.COMPLETE:
        sentence = "it stopped with exit code 0: by itself, or because its health check failed"
        return Judgement(Verdict.FAIL, sentence, task=task)
    return _unless_ended(task)


def judge_pulls(tasks: Iterable[Task], nodes: Mapping[str, Node]) -> dict[str, Judgement]:
    """How the pull stands on each of the nodes that has begun it, by the node's ID.

    What could not be pulled, and is not there either, is rejected; a task that was about to start has its
    image (moby/moby daemon/cluster/executor/container/controller.go, Prepare).
    """
    newest = {task.node_id: task for task in reversed(tuple(tasks)) if task.node_id in nodes}
    return {node_id: _pull(task) for node_id, task in newest.items()}


def _pull(task: Task) -> Judgement:
    if task.state == TaskState.REJECTED:
        return Judgement(Verdict.FAIL, _words(task), task=task)
    has_image = TaskState.READY <= task.state <= TaskState.FAILED and task.state != TaskState.SHUTDOWN
    return Judgement(Verdict.PASS if has_image else Verdict.INCONCLUSIVE, "", task=task)


def judge_late(tasks: Iterable[Task], seconds: float) -> Judgement:
    """The judgement of what has not come to an end in so many seconds: a failure, and what it was at."""
    task = min(tasks, key=lambda one: one.state, default=None)
    at = _standing(task) if task is not None else "had not come into being"
    return Judgement(Verdict.FAIL, f"after {seconds:g}s it {at}", task=task)


def _unless_ended(task: Task | None) -> Judgement:
    ended = _end(task) if task is not None else ""
    verdict = Verdict.FAIL if ended else Verdict.INCONCLUSIVE
    return Judgement(verdict, ended or "it has not ended", task=task)


def _end(task: Task) -> str:
    """How it came to its end; empty while it has not."""
    if task.state == TaskState.REJECTED:
        return f"its node would not run it: {_words(task)}"
    if task.state == TaskState.FAILED and not task.error.startswith(_EXITED):
        return f"it could not be started: {_words(task)}"
    if "unhealthy" in task.error:
        return f"its health check failed, and it ended with exit code {task.exit_code}"
    if task.died:
        return f"it ended with exit code {task.exit_code or 0}"
    if not task.wanted or task.state > TaskState.RUNNING:
        return "it was stopped by someone else, or its node was lost"
    return ""


def _standing(task: Task) -> str:
    step = next((words for state, words in _STEPS if task.state <= state), "was still running")
    return f"{step}: {task.error}" if task.error else step


def _words(task: Task) -> str:
    return task.error or task.message or "no reason given"
