"""How a deployment ended, hooks included. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.executor import Ending
from rollout.model import OutcomeKind


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
    """A hold before the first write is a refusal: there is nothing to take up again."""
    held = ending.kind == OutcomeKind.HELD
    return plain(Ending(OutcomeKind.REFUSED, ending.cause) if held else ending)
