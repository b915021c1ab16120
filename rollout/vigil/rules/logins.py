"""Logins for registries that are about to end."""

from __future__ import annotations

from collections.abc import Iterator

from rollout.model import Ailment, Condition, Level
from rollout.vigil.rules.case import Case
from rollout.vigil.survey import LoginFound


def ending(case: Case) -> Iterator[Condition]:
    """Logins that have ended, end soon, or cannot be had."""
    for found in case.survey.logins:
        if found.error:
            yield _condition(found, f"there is no login for {found.registry}", (("why", found.error),))
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
        facts=facts,
        next="log in anew, then `rollout credentials refresh --all` hands the login to the services",
    )
