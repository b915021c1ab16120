"""A person's word to a deployment that waits for it: a config that says "go on" until it is heard."""

from __future__ import annotations

from dataclasses import dataclass

from rollout.errors import AlreadyExists, OutcomeUnknown
from rollout.ports import Store

KIND = "promotion"


@dataclass(frozen=True)
class Promotions:
    """The promotions of one service."""

    store: Store
    service_id: str

    def give(self, who: str) -> None:
        """Tell the deployment under way to go on; saying it twice means it once."""
        labels = {"rollout.kind": KIND, "rollout.service": self.service_id, "rollout.who": who}
        try:
            self.store.create(f"rollout.promote.{self.service_id}", who.encode(), labels)
        except AlreadyExists:
            return
        except OutcomeUnknown:
            self.give(who)

    def take(self) -> bool:
        """Whether somebody has given the word; it is used up by this."""
        found = self.store.find({"rollout.kind": KIND, "rollout.service": self.service_id})
        for entry in found:
            self.store.remove(entry)
        return bool(found)
