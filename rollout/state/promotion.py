"""A person's word to a deployment that waits for it: a config that says "go on" until it is heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rollout.ports import Store
from rollout.state import message

KIND = "promotion"


class Word(StrEnum):
    """How far to go on."""

    ONCE = "once"
    FULLY = "fully"


_NAMES: Mapping[Word, str] = {Word.ONCE: "rollout.promote", Word.FULLY: "rollout.promote-fully"}


@dataclass(frozen=True)
class Promotions:
    """The promotions of one who is at work on a service, by the ID of their lock: by default who holds it."""

    store: Store
    service_id: str
    lock_id: str = ""

    def give(self, who: str, word: Word = Word.ONCE) -> None:
        """Tell the deployment under way to go on; saying it twice means it once."""
        labels = {**self._labels, "rollout.word": str(word)}
        message.leave(self.store, f"{_NAMES[word]}.{self.service_id}", who, labels, self._to)

    def take(self) -> Word | None:
        """What somebody has said; it is used up by this."""
        found = message.take(self.store, self._labels, self._to)
        words = {entry.labels.get("rollout.word") for entry in found}
        if str(Word.FULLY) in words:
            return Word.FULLY
        return Word.ONCE if found else None

    def clear(self) -> None:
        """Forget what earlier ones were told."""
        message.clear(self.store, self._labels, self._to)

    @property
    def _to(self) -> str:
        return self.lock_id or message.address(self.store, self.service_id)

    @property
    def _labels(self) -> dict[str, str]:
        return {"rollout.kind": KIND, "rollout.service": self.service_id}
