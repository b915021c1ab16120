"""The open alerts, kept in the Swarm: a new config for each change, since a config's data never changes.

Pages are numbered and a name can be taken only once: of two watchers who both think that it is their turn,
one cannot write, and so does not tell. Each page carries its writer's token, since what
two have found may be alike.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from uuid import uuid4

from rollout.errors import AlreadyExists, OutcomeUnknown, RolloutError
from rollout.ports import Entry, Store
from rollout.state.tenure import EVERYTHING, in_scope, of_scope

KIND = "alerts"
TRIES = 3


class Superseded(Exception):
    """Another watcher has written; what we know is out of date."""


@dataclass
class AlertBook:
    """Its last page is what counts. ``scope`` stands for the services that are watched: each has a book."""

    store: Store
    scope: str = EVERYTHING
    number: int = 0
    token: str = field(default_factory=lambda: uuid4().hex)

    def read(self) -> bytes:
        """The last page; empty where there is none. Raises what the store raises."""
        pages = sorted(self._pages(), key=_number)
        self.number = _number(pages[-1]) if pages else 0
        return pages[-1].data if pages else b""

    def write(self, data: bytes) -> None:
        """Write the next page, and remove those before it. Raises Superseded, and what the store raises."""
        number = self.number + 1
        labels = {**self._labels, "rollout.number": str(number), "rollout.token": self.token}
        self._create(f"rollout.{in_scope(KIND, self.scope)}.{number}", data, labels)
        self.number = number
        with suppress(RolloutError):  # what stays is removed the next time
            for page in self._pages():
                if _number(page) < number:
                    self.store.remove(page)

    @property
    def _labels(self) -> dict[str, str]:
        return {"rollout.kind": KIND, "rollout.scope": self.scope}

    def _pages(self) -> tuple[Entry, ...]:
        return of_scope(self.store.find({"rollout.kind": KIND}), self.scope)

    def _create(self, name: str, data: bytes, labels: dict[str, str]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                self.store.create(name, data, labels)
                return
            except (AlreadyExists, OutcomeUnknown) as error:
                found = self.store.find(labels)
                if found and found[0].data == data:
                    return
                if found or isinstance(error, AlreadyExists):
                    raise Superseded from None
                if attempt == TRIES:
                    raise


def _number(page: Entry) -> int:
    found = page.labels.get("rollout.number", "")
    return int(found) if found.isdecimal() else 0
