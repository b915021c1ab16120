"""Logins for registries that are about to end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rollout.model import Ailment, Condition, Level
from rollout.vigil.rules.case import A_MOMENT, Case
from rollout.vigil.survey import LoginFound

GLITCH = 150.0
"""Seconds for which a login cannot be had until it is told: it is asked for again after a minute."""


def ending(case: Case) -> Iterator[Condition]:
    """Logins that have ended, end soon, or cannot be had."""
    for found in case.survey.logins:
        if found.error:
            condition = _condition(found, f"there is no login for {found.registry}", (("why", found.error),))
            yield replace(condition, patience=GLITCH)
        elif found.expires is not None:
            yield from _dated(found, case)


def _dated(found: LoginFound, case: Case) -> Iterator[Condition]:
    if found.expires is None:
        return
    left = (found.expires - case.survey.now).total_seconds()
    until = (("good until", f"{found.expires:%Y-%m-%d %H:%M} UTC"),)
    if left <= 0:
        yield _condition(found, f"the login for {found.registry} has ended", until, Level.FAILURE)
    elif left < case.vigil.login_left:
        yield _condition(found, f"the login for {found.registry} is about to end", until)


def _condition(
    found: LoginFound, sentence: str, facts: tuple[tuple[str, str], ...], level: Level = Level.WARNING
) -> Condition:
    return Condition(
        Ailment.LOGIN,
        found.registry,
        found.registry,
        sentence,
        level,
        A_MOMENT,
        facts,
        next="log in anew, then `rollout credentials refresh --all` hands the login to the services",
    )
