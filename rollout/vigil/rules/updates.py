"""Updates that Swarm itself has paused or rolled back."""

from __future__ import annotations

from collections.abc import Iterator

from rollout import pacing, spec
from rollout.model import Ailment, Condition, Level
from rollout.vigil.rules.case import A_MOMENT, Case
from rollout.vigil.survey import Standing


def ended_badly(case: Case) -> Iterator[Condition]:
    """Services whose last update did not come to its end; our own releases are told by their records."""
    for one in case.survey.standings:
        said = _SAID.get(one.service.update_state)
        if said and pacing.release_number(one.service.spec) is None:
            yield _condition(one, *said)


_SAID = {
    "paused": (Ailment.UPDATE_PAUSED, "Swarm has paused its update"),
    "rollback_paused": (Ailment.UPDATE_PAUSED, "Swarm has paused its rollback"),
    "rollback_completed": (Ailment.UPDATE_ROLLED_BACK, "Swarm has rolled its update back"),
}


def _condition(one: Standing, ailment: Ailment, sentence: str) -> Condition:
    return Condition(
        ailment,
        one.id,
        one.name,
        sentence,
        Level.WARNING,
        A_MOMENT,
        (("image", spec.image(one.service.spec).short),),
        next=f"`docker service ps {one.name}` shows why; the next deployment or update ends this",
        reminds=ailment == Ailment.UPDATE_PAUSED,
    )
