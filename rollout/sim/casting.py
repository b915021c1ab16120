"""Which task of a service does something else than its image would have it do: the third one, say."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rollout.model import Image
from rollout.sim.behaviour import Behaviour
from rollout.sim.task import SimTask


@dataclass(frozen=True)
class _Part:
    """The tasks of one service that run one image, as an audience would know them."""

    service_id: str
    image: Image


class Casting:
    """Counts the containers that each service makes of an image, from 1."""

    def __init__(self) -> None:
        self._counts: Counter[_Part] = Counter()
        self._others: dict[tuple[_Part, int], Behaviour] = {}

    def give(self, service_id: str, image: Image, number: int, behaviour: Behaviour) -> None:
        """Let that one of the containers still to come do this."""
        part = _Part(service_id, image)
        self._others[part, self._counts[part] + number] = behaviour

    def of(self, task: SimTask, usual: Behaviour) -> Behaviour:
        """What a task's new container does."""
        part = _Part(task.service_id, task.image)
        self._counts[part] += 1
        return self._others.get((part, self._counts[part]), usual)
