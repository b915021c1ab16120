"""Who would answer a user's request: the load balancer's view of a service, and what comes back from it."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from rollout.model import TaskState
from rollout.sim.doors import Doors
from rollout.sim.memory import Memory
from rollout.sim.task import SimTask


@dataclass(frozen=True)
class Answer:
    """What a user gets; without a status nobody answers. ``version`` is the tag of the image that answers."""

    status: int | None
    seconds: float
    error: str = ""
    reached: bool = True
    version: str = ""

    @property
    def good(self) -> bool:
        """Whether a user would be content."""
        return self.status is not None and self.status < HTTPStatus.BAD_REQUEST


REFUSED = Answer(None, 0.0, "connection refused", reached=False)
SILENCE = Answer(None, float("inf"), "no answer", reached=False)


class Traffic:
    """Knows the tasks that the load balancer spreads requests over, and their answers."""

    def __init__(self, memory: Memory, doors: Doors) -> None:
        self._memory = memory
        self._doors = doors

    def answers(self, service_id: str) -> list[Answer]:
        """What each of the tasks behind the load balancer would answer now."""
        tasks = self._memory.tasks_of(service_id)
        return [self._answer(task) for task in tasks if self._is_served(task)]

    def _is_served(self, task: SimTask) -> bool:
        """Running, and not told to stop: such a task is taken out at once."""
        return task.wanted and task.state == TaskState.RUNNING and self._doors.of(task.id) is not None

    def _answer(self, task: SimTask) -> Answer:
        door = self._doors.of(task.id)
        if not self._memory.nodes[task.node_id].reachable:
            return SILENCE
        if door is None or not door.open:
            return REFUSED
        behaviour = door.behaviour
        return Answer(behaviour.status, behaviour.latency, version=task.image.tag or "")
