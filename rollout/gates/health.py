"""Health: the released slots run the target and nothing else, and no task of the target has died.

RUNNING means healthy where there is a HEALTHCHECK, and only "a process was started" where there is none
(moby/swarmkit agent/exec and moby/moby daemon/cluster/executor/container/controller.go).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rollout.model import CauseKind, Judgement, Slot, Task, Verdict


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
    return Judgement(Verdict.INCONCLUSIVE, f"waiting for {_describe(straggler(seen))}")


def settled(slots: tuple[Slot, ...], wish: Expectation) -> bool:
    """Whether nothing is in motion and enough slots run the target (rule 1 of the release protocol).

    A slot where the old task has outlived a failed start is taken as it is: the write that would mend it may
    release another slot instead, since updaters pick at random. When all are released there is no other.
    """
    return (
        len(slots) >= wish.slots
        and all(slot.still for slot in slots)
        and all(slot.done or slot.doubled for slot in slots if slot.touched)
        and count_serving(slots, wish.digest) >= min(wish.upto, len(slots))
        and (wish.upto < wish.slots or not any(slot.doubled for slot in slots))
    )


def count_done(slots: Iterable[Slot], digest: str | None) -> int:
    """The slots that run the target and nothing else, on the wanted digest where one is pinned."""
    return sum(slot.done and _serves(slot, digest) for slot in slots)


def count_serving(slots: Iterable[Slot], digest: str | None) -> int:
    """The slots in which a task of the target runs, whatever else is in motion there."""
    return sum(_serves(slot, digest) for slot in slots)


def stalled(slots: Iterable[Slot], wish: Expectation) -> bool:
    """Whether Swarm stands still short of the wish: a slot with a surplus task uses up a place in a batch."""
    seen = tuple(slots)
    if not all(slot.still for slot in seen):
        return False
    short = sum(slot.touched for slot in seen) < min(wish.upto, len(seen))
    return short or (wish.upto >= wish.slots and any(slot.doubled for slot in seen))


def straggler(slots: Iterable[Slot]) -> Task | None:
    """The task that is waited for, the new one where there is a choice."""
    unfinished = [task for slot in slots if not slot.done for task in slot.wanted]
    return next((task for task in unfinished if task.up_to_date), unfinished[0] if unfinished else None)


def _serves(slot: Slot, digest: str | None) -> bool:
    """Whether a task of the target runs here, on the wanted digest where one is pinned."""
    return any(
        task.running and task.up_to_date and digest in {None, task.image.digest} for task in slot.wanted
    )


def _died(task: Task) -> Judgement:
    """That it died; why, and whose fault it was, is for ``rollout.causes`` to say."""
    return Judgement(Verdict.FAIL, "a task of the new release died", CauseKind.CRASHED, task)


def _late(slots: tuple[Slot, ...], wish: Expectation, waited: float) -> Judgement:
    done = count_done(slots, wish.digest)
    late = straggler(slots)
    count = f"after {waited:.0f}s {done} of {wish.upto} replicas run the new release"
    sentence = f"{count}; the next one is {_describe(late)}"
    return Judgement(Verdict.FAIL, sentence, CauseKind.NOT_STARTED, late)


def _describe(task: Task | None) -> str:
    if task is None:
        return "a task that Swarm has not created yet"
    detail = task.error or task.message
    return f"{task.state.label}" + (f" ({detail})" if detail else "")
