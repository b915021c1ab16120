"""The request to a deployment under way that it stands still: by ``rollout hold``, or before an abort."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.ports import Store
from rollout.state import message

KIND = "halt"
PATIENCE = 15.0
"""Seconds in which whoever is at work has let go, unless they roll back or do not hear."""


@dataclass(frozen=True)
class Halts:
    """The requests to one who is at work on a service, by the ID of their lock: by default who holds it."""

    store: Store
    service_id: str
    lock_id: str = ""

    def ask(self, who: str) -> None:
        """Ask for it; asking twice means it once."""
        message.leave(self.store, f"rollout.hold.{self.service_id}", who, self._labels, self._to)

    def take(self) -> str:
        """Who has asked; empty for nobody. It is used up by this."""
        found = message.take(self.store, self._labels, self._to)
        return found[0].labels.get("rollout.who", "somebody") if found else ""

    def clear(self) -> None:
        """Forget what earlier ones were asked."""
        message.clear(self.store, self._labels, self._to)

    @property
    def _to(self) -> str:
        return self.lock_id or message.address(self.store, self.service_id)

    @property
    def _labels(self) -> dict[str, str]:
        return {"rollout.kind": KIND, "rollout.service": self.service_id}
