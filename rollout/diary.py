"""When each step of a deployment began and ended, as its record keeps it: ``1@0.4-3.2 2@3.4-9.1 4@9.3``."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from rollout.events import Event, StepPassed, StepStarted

LABEL = "rollout.steps"
_ENTRY = re.compile(r"(\d+)@(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Passage:
    """A step, after which ``upto`` slots run the target, in seconds since the deployment's start.

    ``ended`` is None where it did not pass.
    """

    upto: int
    began: float
    ended: float | None = None

    def __str__(self) -> str:
        end = "" if self.ended is None else f"-{self.ended:.1f}"
        return f"{self.upto}@{self.began:.1f}{end}"


@dataclass
class Diary:
    """Hears the events of a deployment. A step that is begun again, because too little moved, is one step."""

    passages: list[Passage] = field(default_factory=list)

    def hear(self, event: Event) -> bool:
        """Whether there is something new to keep: at most once a step."""
        if isinstance(event, StepStarted):
            self._begin(Passage(event.upto, event.at))
        elif isinstance(event, StepPassed) and self._under_way:
            self.passages[-1] = replace(self.passages[-1], ended=event.at)
            return True
        return False

    def _begin(self, passage: Passage) -> None:
        """Another step, unless it is the one under way; a plan that is made anew has steps of its own."""
        if not (self._under_way and self.passages[-1].upto == passage.upto):
            self.passages.append(passage)

    @property
    def _under_way(self) -> bool:
        return bool(self.passages) and self.passages[-1].ended is None

    @property
    def labels(self) -> dict[str, str]:
        """As the record has it; nothing where no step began."""
        return {LABEL: " ".join(map(str, self.passages))} if self.passages else {}


def read(text: str) -> tuple[Passage, ...]:
    """The steps of a record, as far as they can be read."""
    found = (_ENTRY.fullmatch(word) for word in text.split())
    return tuple(
        Passage(int(match[1]), float(match[2]), float(match[3]) if match[3] else None)
        for match in found
        if match
    )
