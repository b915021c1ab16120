"""Looking at locks, and taking one away, without wanting it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rollout.ports import Entry, Store
from rollout.secrets import public_link
from rollout.state import lock
from rollout.state.holder import is_dead
from rollout.state.lease import LockState


@dataclass(frozen=True)
class HeldLock:
    """A lock as it was seen."""

    entry: Entry

    @property
    def service(self) -> str:
        """The service's name."""
        return self.entry.labels.get("rollout.name", "")

    @property
    def who(self) -> str:
        """The holder."""
        return lock.who_holds(self.entry)

    @property
    def pipeline(self) -> str:
        """The link to the holder's pipeline, or nothing."""
        return public_link(self.entry.labels.get("rollout.pipeline", ""))

    @property
    def since(self) -> str:
        """When it was taken, by the holder's clock."""
        return lock.since(self.entry)

    def silent(self, now: datetime) -> float:
        """Seconds since its last sign of life, by the engine's clock."""
        return max(0.0, (now - self.entry.updated).total_seconds())

    def state(self, now: datetime) -> LockState:
        """Whether its holder gives signs of life."""
        return lock.judge(self.entry.updated, now, is_dead(self.entry.labels.get("rollout.process", "")))

    def release(self, store: Store) -> None:
        """Take it away. It goes by its ID: if it has a successor by now, that one stays."""
        store.remove(self.entry)


def locks(store: Store, service_id: str | None = None) -> tuple[HeldLock, ...]:
    """All locks, or that of one service, oldest first."""
    wanted = {"rollout.kind": lock.KIND} | ({"rollout.service": service_id} if service_id else {})
    return tuple(HeldLock(entry) for entry in store.find(wanted))
