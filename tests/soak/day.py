"""The day: services that mostly run, and now and then something happens to them."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sim.watching import Inbox, Post

from rollout.model import Vigil, WatchProbe

HOUR = 3600.0
MINUTE = 60.0


@dataclass
class Calls:
    """The questions and writes to the engine, by minute."""

    post: Post
    by_minute: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        check = self.post.swarm.faults.check

        def counted() -> None:
            self.by_minute[int(self.post.now // MINUTE)] += 1
            check()

        self.post.swarm.faults.check = counted  # type: ignore[method-assign]

    @property
    def most(self) -> int:
        """In the busiest minute."""
        return max(self.by_minute.values())

    @property
    def usual(self) -> int:
        """In the middle one of all minutes."""
        counts = sorted(self.by_minute.values())
        return counts[len(counts) // 2]


class Day:
    """So many services with one replica each; every hour one crashes in a loop, and more at set hours."""

    def __init__(self, services: int, every: float) -> None:
        probe = WatchProbe("http://s0/", name="shop", every=30.0)
        self.inbox = Inbox()
        self.post = Post(Vigil(every=every, probes=(probe,), calm=10.0), 5, self.inbox)
        for number in range(services):
            self.post.swarm.create(_spec(f"s{number}"))
        self.post.swarm.clock.sleep(60.0)
        self.post.swarm.prober.routes["s0"] = "s0"
        self.calls = Calls(self.post)

    def hour(self, number: int) -> None:
        """One hour with what belongs to it."""
        post = self.post
        self._crash(f"s{number * 7 + 3}")
        events: dict[int, Callable[[], Any]] = {
            5: lambda: post.swarm.faults.go_away(MINUTE),
            9: lambda: post.swarm.machines.lose("node-4"),
            10: lambda: post.swarm.machines.find_again("node-4"),
            14: post.swarm.elect_leader,
            18: lambda: post.relieve("the next"),
        }
        events.get(number, lambda: None)()
        post.watch((number + 1) * HOUR + 60.0 - post.now)

    def _crash(self, name: str) -> None:
        """Three deaths, some seconds apart: an alert, and its end when the window is over."""
        for _ in range(3):
            self.post.kill(name)
            self.post.watch(45.0)


def _spec(name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "TaskTemplate": {"ContainerSpec": {"Image": "app:1"}},
        "Mode": {"Replicated": {"Replicas": 1}},
    }


def blocks() -> int:
    """The pieces of memory that Python holds; exact, and counting them costs nothing."""
    import gc

    gc.collect()
    return sys.getallocatedblocks()
