"""Pages of one's own that do not answer as they should."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.model import Ailment, Condition, Level, WatchProbe
from rollout.secrets import public_link
from rollout.vigil.naming import name_of
from rollout.vigil.rules.case import Case
from rollout.vigil.streak import Streak


def failing(case: Case) -> Iterator[Condition]:
    """Probes that have failed so often in a row that it is no accident."""
    return (_condition(probe, streak) for probe, streak in case.survey.probes if streak.failing)


def _condition(probe: WatchProbe, streak: Streak) -> Condition:
    again = streak.last is not None and streak.last.ok
    error = "it answers again, for now" if again or streak.last is None else streak.last.error
    return Condition(
        Ailment.PROBE,
        name_of(probe),
        name_of(probe),
        "the page does not answer as it should",
        Level.FAILURE,
        facts=(("why", error), ("url", public_link(probe.url))),
        next="`rollout status` shows what runs",
    )
