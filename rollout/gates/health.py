"""Health: the released slots run the target and nothing else, and no task of the target has died.

RUNNING means healthy where there is a HEALTHCHECK, and only "a process was started" where there is none
(moby/swarmkit agent/exec and moby/moby daemon/cluster/executor/container/controller.go).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rollout.model import CauseKind, Judgement, Slot, Task, TaskState, Verdict


@dataclass(frozen=True)
class Expectation:
    """A step's wish: ``upto`` of ``slots`` slots on the ``digest``, within ``start_timeout`` seconds."""

    upto: int
    slots: int
    digest: str | None
    start_timeout: float


def judge(slots: Iterable[Slot], dead: Iterable[Task], wish: Expectation, waited: float) -> Judgement:
    """Judge what is seen ``waited`` seconds after the release. ``dead``: new deaths on the target."""
    seen = tuple(slots)
    first_dead = next(iter(dead), None)
    if first_dead is not None:
        return _died(first_dead)
    if settled(seen, wish):
        done = count_done(seen, wish.digest)
        return Judgement(Verdict.PASS, f"{done} of {wish.slots} replicas run the target")
    if waited >= wish.start_timeout:
        return _late(seen, wish, waited)
    return Judgement(Verdict.INCONCLUSIVE, f"waiting for {_describe(_straggler(seen))}")


def settled(slots: tuple[Slot, ...], wish: Expectation) -> bool:
    """Whether nothing is in motion and enough slots are done (rule 1 of the release protocol)."""
    return (
        len(slots) >= wish.slots
        and all(slot.quiet for slot in slots)
        and all(slot.done for slot in slots if slot.touched)
        and count_done(slots, wish.digest) >= min(wish.upto, len(slots))
    )


def count_done(slots: Iterable[Slot], digest: str | None) -> int:
    """The slots that run the target and nothing else, on the wanted digest where one is pinned."""
    return sum(slot.done and digest in {None, slot.wanted[0].image.digest} for slot in slots)


def stalled(slots: Iterable[Slot], wish: Expectation) -> bool:
    """Whether Swarm stands still short of the wish: a slot with a surplus task uses up a place in a batch."""
    seen = tuple(slots)
    return all(slot.quiet for slot in seen) and sum(slot.touched for slot in seen) < min(wish.upto, len(seen))


def _died(task: Task) -> Judgement:
    kind = CauseKind.REJECTED if task.state == TaskState.REJECTED else CauseKind.CRASHED
    return Judgement(Verdict.FAIL, f"a task of the new release {_how(task)}", kind, task)


def _how(task: Task) -> str:
    """How a task died. One that is unhealthy is stopped, and looks well if it then exits with 0 (seen)."""
    if task.state == TaskState.REJECTED:
        return "could not be started"
    if task.exit_code in {None, 0}:
        return "ended: its process left by itself, or its health checks failed"
    return f"ended by itself (exit code {task.exit_code})"


def _late(slots: tuple[Slot, ...], wish: Expectation, waited: float) -> Judgement:
    done = count_done(slots, wish.digest)
    late = _straggler(slots)
    count = f"after {waited:.0f}s {done} of {wish.upto} replicas run the new release"
    sentence = f"{count}; the next one is {_describe(late)}"
    return Judgement(Verdict.FAIL, sentence, CauseKind.NOT_STARTED, late)


def _straggler(slots: Iterable[Slot]) -> Task | None:
    unfinished = [task for slot in slots if not slot.done for task in slot.wanted]
    return next((task for task in unfinished if task.up_to_date), unfinished[0] if unfinished else None)


def _describe(task: Task | None) -> str:
    if task is None:
        return "a task that Swarm has not created yet"
    detail = task.error or task.message
    return f"{task.state.label}" + (f" ({detail})" if detail else "")
