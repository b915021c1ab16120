"""Stable: no replica of the target restarts for a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rollout.model import Judgement, Slot, Verdict


def judge(
    slots: Iterable[Slot],
    running_since: Mapping[str, float],
    dead_since: Mapping[str, float],
    seconds: float,
    now: float,
) -> Judgement:
    """Judge by when each task was first seen running, and when each task of the target that died was seen so.

    All times are in seconds on the clock of ``now``. Whether a death is the release's fault is for others to
    say (see ``gates.health``); here it only starts the time anew, as a replica that does not run does.
    """
    stable = min(_times_up(slots, running_since, now) + [now - seen for seen in dead_since.values()])
    if stable >= seconds:
        return Judgement(Verdict.PASS, f"no restart for {seconds:g}s")
    return Judgement(Verdict.INCONCLUSIVE, f"no restart for {max(stable, 0):.1f}s of {seconds:g}s")


def _times_up(slots: Iterable[Slot], running_since: Mapping[str, float], now: float) -> list[float]:
    """For how long each task in the target's slots has been up; 0 for one that is not, or for none."""
    tasks = [task for slot in slots if slot.touched for task in slot.wanted]
    return [now - running_since.get(task.id, now) for task in tasks] or [0.0]
