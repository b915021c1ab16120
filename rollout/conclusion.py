"""How a deployment ended, hooks included. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.executor import Ending
from rollout.model import CauseKind, OutcomeKind


@dataclass(frozen=True)
class Conclusion:
    """An ending, with what became of the release itself, and what a person has to make good."""

    ending: Ending
    reached: OutcomeKind
    missed: tuple[str, ...] = ()


def plain(ending: Ending) -> Conclusion:
    """An ending that nothing follows."""
    return Conclusion(ending, ending.kind)


def untouched(ending: Ending) -> Conclusion:
    """What stops before the first write is a refusal: there is nothing to take up again, or to take back."""
    interrupted = ending.cause is not None and ending.cause.kind == CauseKind.INTERRUPTED
    stopped = interrupted or ending.kind == OutcomeKind.HELD
    return plain(Ending(OutcomeKind.REFUSED, ending.cause) if stopped else ending)
