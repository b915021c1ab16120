"""Tasks that die, or restart in a loop."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.durations import format as spelt
from rollout.model import Ailment, Condition, Level
from rollout.vigil.history import Death
from rollout.vigil.rules.case import Case, plural, trouble
from rollout.vigil.survey import Standing


def loops(case: Case) -> Iterator[Condition]:
    """Services of which tasks have died so many times that it is no accident.

    It is over when none has died for the whole window: else one death now and then would be told each time.
    """
    for one in case.survey.standings if case.history.deaths else ():
        deaths = case.history.recent(one.id)
        enough = 1 if case.knows(Ailment.RESTARTING, one.id) else case.vigil.restarts
        if len(deaths) >= enough:
            yield _condition(one, deaths, case)


def _condition(one: Standing, deaths: tuple[Death, ...], case: Case) -> Condition:
    last = deaths[-1].task
    return Condition(
        Ailment.RESTARTING,
        one.id,
        one.name,
        f"tasks ended by themselves {plural(len(deaths), 'time')} within {spelt(case.vigil.restart_window)}",
        Level.WARNING if one.healthy else Level.FAILURE,
        facts=(("why", trouble(last, case.survey.node_name(last.node_id))),),
        next=f"`docker service logs {one.name}` shows what they said",
        task_id=last.id,
    )
