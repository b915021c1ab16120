"""The load balancer's entries: which tasks it knows, and whether anything answers behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollout.sim.behaviour import Behaviour
from rollout.sim.memory import Memory


@dataclass(frozen=True)
class Door:
    """An entry; behind a closed one nothing listens yet."""

    behaviour: Behaviour
    open: bool


class Doors:
    """The entries by task. Whoever counts requests hears of a change before it is made."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._doors: dict[str, Door] = {}

    def of(self, task_id: str) -> Door | None:
        """A task's entry, if it has one."""
        return self._doors.get(task_id)

    def add(self, task_id: str, door: Door) -> None:
        """Enter a task."""
        self._memory.announce()
        self._doors[task_id] = door

    def open(self, task_id: str) -> None:
        """Let a task answer."""
        door = self._doors.get(task_id)
        if door is not None:
            self.add(task_id, replace(door, open=True))

    def remove(self, task_id: str) -> None:
        """Take a task out."""
        self._memory.announce()
        self._doors.pop(task_id, None)
