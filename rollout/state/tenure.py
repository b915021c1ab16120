"""One watcher a Swarm: a lease like the deployments' lock, beaten less often since it is held for months."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from rollout.errors import AlreadyExists, Conflict, NotFound, OutcomeUnknown
from rollout.ports import Clock, Entry, Store, Swarm
from rollout.state.holder import Holder, is_dead

KIND = "watcher"
NAME = "rollout.watcher"
TTL = 60.0
"""Seconds without a sign of life, by the engine's clock, after which another watcher takes over."""
BEAT = 15.0


@dataclass
class Tenure:
    """The post of the one watcher who tells; the others stand by."""

    swarm: Swarm
    store: Store
    clock: Clock
    holder: Holder
    entry: Entry | None = None
    beaten: float = 0.0
    token: str = field(default_factory=lambda: uuid4().hex)

    def hold(self) -> bool:
        """Whether the post is ours: it is taken where it is vacant, and renewed when it is time to.

        Raises what the ports raise.
        """
        if self.entry is None:
            return self._take()
        return self.clock.now() - self.beaten < BEAT or self._renew(self.entry)

    def leave(self) -> None:
        """Give it back, so that the next one need not wait."""
        if self.entry is not None:
            self.store.remove(self.entry)
            self.entry = None

    def holder_name(self) -> str:
        """Who has the post; empty for nobody."""
        found = self.store.find({"rollout.kind": KIND})
        return found[0].labels.get("rollout.who", "somebody") if found else ""

    def _renew(self, entry: Entry) -> bool:
        beats = str(int(entry.labels.get("rollout.beat", "0")) + 1)
        try:
            return self._have(self.store.relabel(entry, {**entry.labels, "rollout.beat": beats}))
        except NotFound:
            self.entry = None
            return self._take()
        except (Conflict, OutcomeUnknown):
            return self._reread()

    def _take(self) -> bool:
        for entry in self.store.find({"rollout.kind": KIND}):
            if entry.labels.get("rollout.token") == self.token:
                return self._have(entry)
            if not self._vacant(entry):
                return False
            self.store.remove(entry)
        try:
            return self._have(self.store.create(NAME, self.holder.who.encode(), self._labels()))
        except (AlreadyExists, OutcomeUnknown):
            return self._reread()

    def _reread(self) -> bool:
        """After a write of which nobody knows what became."""
        found = self.store.find({"rollout.kind": KIND, "rollout.token": self.token})
        self.entry = None
        return self._have(found[0]) if found else False

    def _have(self, entry: Entry) -> bool:
        self.entry, self.beaten = entry, self.clock.now()
        return True

    def _vacant(self, entry: Entry) -> bool:
        silent = (self.swarm.now() - entry.updated).total_seconds()
        return silent > TTL or is_dead(entry.labels.get("rollout.process", ""))

    def _labels(self) -> dict[str, str]:
        return {
            "rollout.kind": KIND,
            "rollout.token": self.token,
            "rollout.who": self.holder.who,
            "rollout.process": self.holder.process,
            "rollout.beat": "0",
        }
