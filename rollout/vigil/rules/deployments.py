"""Deployments that nobody is at work on any more."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.hints import way_back, ways_on
from rollout.model import Ailment, Condition, Level
from rollout.state.record import Record, RecordState
from rollout.vigil.rules.case import Case
from rollout.vigil.survey import Standing


def left(case: Case) -> Iterator[Condition]:
    """What was abandoned half-way, could not go back, is held for long, and locks of who has gone away."""
    for one in case.survey.standings:
        if (one.lock is None and one.unfinished is None) or one.id in case.history.busy:
            continue
        if one.unfinished is not None and not one.unfinished.open:
            yield _failed(one, one.unfinished, case)
        elif one.unfinished is not None:
            yield _unfinished(one, one.unfinished, case)
        elif one.lock is not None:
            yield _cut_off(one, case)


def _unfinished(one: Standing, found: Record, case: Case) -> Condition:
    held = found.state == RecordState.HELD
    what = "is held, and nobody goes on with it" if held else "was abandoned: nobody is at work on it"
    return Condition(
        Ailment.HELD if held else Ailment.ABANDONED,
        one.id,
        one.name,
        f"deployment {found.revision} {what}",
        Level.WARNING,
        case.vigil.held_for if held else case.vigil.abandoned_for,
        (("running", f"{one.healthy} of {one.wanted} replicas; nothing moves until somebody says so"),),
        ways_on(one.name),
        held=max(0.0, (case.survey.now - found.entry.updated).total_seconds()) if held else 0.0,
    )


def _failed(one: Standing, found: Record, case: Case) -> Condition:
    return Condition(
        Ailment.ROLLBACK_FAILED,
        one.id,
        one.name,
        f"deployment {found.revision} failed, and so did its way back: the service stands half-way",
        Level.FAILURE,
        case.vigil.abandoned_for,
        (("running", f"{one.healthy} of {one.wanted} replicas"),),
        way_back(one.name),
    )


def _cut_off(one: Standing, case: Case) -> Condition:
    who = one.lock.who if one.lock else ""
    return Condition(
        Ailment.CUT_OFF,
        one.id,
        one.name,
        f"a deployment by {who} was cut off, and has left its lock behind",
        Level.WARNING,
        case.vigil.abandoned_for,
        next=f"`rollout lock release {one.name}` takes the lock away; so does the next deployment",
    )
