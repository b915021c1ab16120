"""Is the service fit for the strategy that was asked for?"""

from __future__ import annotations

from rollout import spec
from rollout.model import Options
from rollout.model.finding import Severity
from rollout.preflight.check import Check, check
from rollout.preflight.facts import Facts

_OF_CANARIES = ("stages", "pause", "rest")
_WITHOUT_STAGES = frozenset({"rolling", "ramp", "blue_green"})


@check(
    "no-canary",
    Severity.WARNING,
    costs="no part of the users meets the release before the others, and nothing pauses",
    mend='a smaller first stage (`stages = "1"`, `--stages 1`), and at least two replicas',
)
def whole_canary(facts: Facts) -> str | None:
    """The first stage of a canary is all replicas."""
    slots = spec.replicas(facts.target)
    slots = len(facts.snapshot.slots) if slots is None else slots
    stages = [stage.of(slots) for stage in facts.options.stages]
    if facts.options.strategy != "canary" or not slots or min(stages) < slots:
        return None
    if slots == 1:
        return "there is one replica, so there is no canary"
    return f"the first stage of the canary is all {slots} replicas"


@check(
    "canary-unused",
    Severity.NOTE,
    costs="no part of the users meets the release before the others",
    mend='`--strategy canary`, or `strategy = "canary"` in rollout.toml',
)
def no_canary(facts: Facts) -> str | None:
    """Stages, pause or rest of a canary are set, and the strategy is another one of rollout's own."""
    options, usual = facts.options, Options()
    given = [name for name in _OF_CANARIES if getattr(options, name) != getattr(usual, name)]
    if not given or options.strategy not in _WITHOUT_STAGES:
        return None
    return f"the strategy is {options.strategy}, which knows no {' and no '.join(given)}"


CHECKS: tuple[Check, ...] = (whole_canary, no_canary)
