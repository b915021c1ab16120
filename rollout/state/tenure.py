"""One watcher for the same services: a lease like the deployments' lock, beaten less often since it is held
for months. Whether its holder is still there is judged by what one sees change, on one's own clock: stamps in
the Swarm are the leader's, whose clock need not be that of the manager that is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from rollout.errors import AlreadyExists, Conflict, NotFound, OutcomeUnknown
from rollout.ports import Clock, Entry, Store
from rollout.state.holder import Holder, is_dead

KIND = "watcher"
EVERYTHING = "all"
"""The scope of a watcher that watches every service."""
TTL = 60.0
"""Seconds in which somebody who looks sees no sign of life, after which another watcher takes over."""
BEAT = 15.0


def in_scope(name: str, scope: str) -> str:
    """A name for what belongs to the watchers of these services only."""
    return name if scope == EVERYTHING else f"{name}.{scope}"


def of_scope(entries: Iterable[Entry], scope: str) -> tuple[Entry, ...]:
    """What belongs to them."""
    return tuple(one for one in entries if one.labels.get("rollout.scope", EVERYTHING) == scope)


@dataclass(frozen=True)
class Glimpse:
    """A holder's entry as it was seen last, and since when it has not changed, on one's own clock."""

    entry: Entry
    since: float

    @classmethod
    def after(cls, before: Glimpse | None, entry: Entry, at: float) -> Glimpse:
        """The same entry is watched on; one that was renewed is watched anew."""
        same = before is not None and (before.entry.id, before.entry.version) == (entry.id, entry.version)
        return cls(entry, before.since if before and same else at)


@dataclass
class Tenure:
    """The post of the one watcher who tells; the others stand by. ``scope`` stands for what is watched."""

    store: Store
    clock: Clock
    holder: Holder
    scope: str = EVERYTHING
    entry: Entry | None = None
    beaten: float = 0.0
    token: str = field(default_factory=lambda: uuid4().hex)
    glimpse: Glimpse | None = None

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
        found = self._entries()
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
        for entry in self._entries():
            if entry.labels.get("rollout.token") == self.token:
                return self._have(entry)
            if not self._vacant(entry):
                return False
            self.store.remove(entry)
        try:
            return self._have(self.store.create(self._name, self.holder.who.encode(), self._labels()))
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
        self.glimpse = seen = Glimpse.after(self.glimpse, entry, self.clock.now())
        return self.clock.now() - seen.since > TTL or is_dead(entry.labels.get("rollout.process", ""))

    @property
    def _name(self) -> str:
        return f"rollout.{in_scope(KIND, self.scope)}"

    def _entries(self) -> tuple[Entry, ...]:
        return of_scope(self.store.find({"rollout.kind": KIND}), self.scope)

    def _labels(self) -> dict[str, str]:
        return {
            "rollout.kind": KIND,
            "rollout.scope": self.scope,
            "rollout.token": self.token,
            "rollout.who": self.holder.who,
            "rollout.process": self.holder.process,
            "rollout.beat": "0",
        }
