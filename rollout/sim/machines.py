"""What happens to the nodes: they come, fail, return, are emptied and relabelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rollout.errors import NotFound
from rollout.model import TaskState
from rollout.sim.memory import Memory
from rollout.sim.node import SimNode
from rollout.sim.timing import Timing


class Machines:
    """The nodes, by host name (``node-1`` is the first) or ID."""

    def __init__(self, memory: Memory, timing: Timing) -> None:
        self._memory = memory
        self._timing = timing

    def add(self, count: int) -> None:
        """Let so many nodes join; the first node of all is the manager."""
        for _ in range(count):
            self.join(f"node-{len(self._memory.nodes) + 1}")

    def join(self, name: str) -> None:
        """Let a node of this host name join."""
        identity = self._memory.identity()
        self._memory.put_node(SimNode(identity, name, manager=not self._memory.nodes))

    def lose(self, name: str) -> None:
        """Cut a node off; the managers notice three heartbeats later."""
        self._change(name, reachable=False)
        self._memory.clock.call_later(self._timing.node_down, lambda: self._miss(name))

    def find_again(self, name: str) -> None:
        """Let a lost node come back with everything that it ran."""
        self._change(name, reachable=True, ready=True)

    def drain(self, name: str) -> None:
        """Have its tasks moved elsewhere."""
        self._change(name, availability="drain")

    def pause(self, name: str) -> None:
        """Let it keep its tasks but take no more."""
        self._change(name, availability="pause")

    def activate(self, name: str) -> None:
        """Let it take tasks again."""
        self._change(name, availability="active")

    def label(self, name: str, labels: Mapping[str, str]) -> None:
        """Replace its labels."""
        self._change(name, labels=dict(labels))

    def resize(self, name: str, nano_cpus: int, memory: int) -> None:
        """Give it other resources."""
        self._change(name, nano_cpus=nano_cpus, memory=memory)

    def _miss(self, name: str) -> None:
        if not self._find(name).reachable:
            self._change(name, ready=False)
            self._memory.clock.call_later(self._timing.orphan, lambda: self._give_up(name))

    def _give_up(self, name: str) -> None:
        node = self._find(name)
        for task in self._memory.tasks_on(node.id):
            if not node.ready and not task.ended:
                self._memory.change_task(task.id, state=TaskState.ORPHANED, at=self._memory.clock.now())

    def _change(self, name: str, **changes: Any) -> None:
        self._memory.put_node(replace(self._find(name), **changes))

    def _find(self, name: str) -> SimNode:
        for node in self._memory.nodes.values():
            if name in {node.hostname, node.id}:
                return node
        raise NotFound(f"there is no node {name}")
