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
    """The requests to whoever is at work on one service."""

    store: Store
    service_id: str

    def ask(self, who: str) -> None:
        """Ask for it; asking twice means it once."""
        message.leave(self.store, f"rollout.hold.{self.service_id}", who, self._labels)

    def take(self) -> str:
        """Who has asked; empty for nobody. It is used up by this."""
        found = message.take(self.store, self._labels)
        return found[0].labels.get("rollout.who", "somebody") if found else ""

    @property
    def _labels(self) -> dict[str, str]:
        return {"rollout.kind": KIND, "rollout.service": self.service_id}
