"""Ready: the tasks of the target stay up for ``min_ready`` seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rollout.model import Judgement, Slot, Verdict


def judge(
    slots: Iterable[Slot], running_since: Mapping[str, float], min_ready: float, now: float
) -> Judgement:
    """Judge by when each task was first seen running (seconds on the same clock as ``now``)."""
    tasks = [task for slot in slots for task in slot.wanted if task.up_to_date and task.running]
    youngest = min((now - running_since.get(task.id, now) for task in tasks), default=min_ready)
    if youngest >= min_ready:
        return Judgement(Verdict.PASS, f"up for {min_ready:g}s")
    return Judgement(Verdict.INCONCLUSIVE, f"up for {max(youngest, 0):.1f}s of {min_ready:g}s")
