"""The calls that one caller makes to the Swarm and its store, counted, and what happens around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from rollout.ports import World
from rollout.state.lock import held, who_holds


@dataclass
class Caller:
    """One who deploys. ``writes`` says for each accepted write to the service whose lock was in the store."""

    world: World
    service_id: str
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    acts: dict[tuple[int, str], Callable[[], None]] = field(default_factory=dict)

    def before(self, nth: int, act: Callable[[], None]) -> None:
        """Do something before the nth call is made."""
        self.acts[nth, "before"] = act

    def after(self, nth: int, act: Callable[[], None]) -> None:
        """Do something when the nth call is done, before its reply is read."""
        self.acts[nth, "after"] = act

    @property
    def own_world(self) -> World:
        """The world as this caller meets it."""
        swarm: Any = Counted(self.world.swarm, self)
        store: Any = Counted(self.world.store, self)
        return replace(self.world, swarm=swarm, store=store)

    def call(self, name: str, act: Callable[[], Any]) -> Any:
        """Make a call."""
        self.calls.append(name)
        number = len(self.calls)
        self._happens(number, "before")
        answer = act()
        if name == "update":
            self.writes.append(", ".join(map(who_holds, held(self.world.store, self.service_id))))
        self._happens(number, "after")
        return answer

    def _happens(self, number: int, moment: str) -> None:
        act = self.acts.pop((number, moment), None)
        if act is not None:
            act()


class Counted:
    """A port whose every call is counted."""

    def __init__(self, port: object, caller: Caller) -> None:
        self._port = port
        self._caller = caller

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._port, name)
        return lambda *given, **named: self._caller.call(name, lambda: act(*given, **named))
