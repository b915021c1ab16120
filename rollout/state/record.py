"""The record of a deployment: baseline, target, who, how and how it ended, as a config of the Swarm.

It is written before the first release. The specs never change and are its data; what happens is kept in its
labels. An open record whose process is gone is an interrupted deployment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from rollout import spec
from rollout.model import Service, Spec
from rollout.ports import Entry, Store

KIND = "record"
CARE = ("strategy", "batch", "stages", "pause", "rest", "order")
"""The options that say in which steps: whoever goes on with a deployment goes on in the same way."""


class RecordState(StrEnum):
    """How far a deployment got: open ones may be taken up again."""

    RUNNING = "running"
    HELD = "held"
    ABANDONED = "abandoned"
    DEPLOYED = "deployed"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"


OPEN = frozenset({RecordState.RUNNING, RecordState.HELD})
RESTORABLE = OPEN | {RecordState.FAILED}
"""Those that can be taken back: a rollback that did not succeed may be tried again."""


@dataclass(frozen=True)
class Record:
    """One deployment as the Swarm remembers it.

    ``before`` is what was in force where that is not the baseline: of an undo at once, which has its target
    to go back to.
    """

    entry: Entry
    revision: int
    state: RecordState
    baseline: Spec
    target: Spec
    before: Spec | None = None

    def at(self, entry: Entry) -> Record:
        """The same after its labels were written, but for its state."""
        return replace(self, entry=entry)

    @property
    def who(self) -> str:
        """Whose deployment it is."""
        who = json.loads(self.entry.data).get("who")
        return who if isinstance(who, str) else "somebody"

    @property
    def open(self) -> bool:
        """Whether the deployment did not come to its end."""
        return self.state in OPEN


def history(store: Store, service_id: str) -> tuple[Record, ...]:
    """The records of a service, oldest first; what cannot be read is passed over."""
    return _read(store, {"rollout.kind": KIND, "rollout.service": service_id})


def every(store: Store) -> tuple[Record, ...]:
    """The records of all services, those that are gone included, each service's oldest first."""
    return _read(store, {"rollout.kind": KIND})


def unfinished(store: Store) -> tuple[Record, ...]:
    """The open records of all services. What has ended is not read."""
    found = [_read(store, {"rollout.kind": KIND, "rollout.state": str(state)}) for state in sorted(OPEN)]
    return tuple(sorted((one for some in found for one in some), key=lambda one: one.revision))


def _read(store: Store, labels: Mapping[str, str]) -> tuple[Record, ...]:
    found = (_parse(entry) for entry in store.find(labels))
    return tuple(sorted((record for record in found if record), key=lambda record: record.revision))


def interrupted(records: tuple[Record, ...], service: Service) -> Record | None:
    """The deployment that was left half-way, if the service still stands as it left it.

    The spec in force decides: one that is the baseline's or the target's own, update settings included,
    is where a deployment begins or ends, whatever its record still says.
    """
    return _half_way(records, service, OPEN)


def restorable(records: tuple[Record, ...], service: Service) -> Record | None:
    """The same, or one whose rollback has failed: what can be taken back."""
    return _half_way(records, service, RESTORABLE)


def _half_way(records: tuple[Record, ...], service: Service, states: frozenset[RecordState]) -> Record | None:
    last = records[-1] if records else None
    if last is None or last.state not in states:
        return None
    mine = [spec.with_scale_of(recorded, service.spec) for recorded in (last.target, last.baseline)]
    half_way = any(spec.same_work(one, service.spec) for one in mine)
    ended = any(spec.same(one, service.spec) for one in mine)
    return last if half_way and not ended else None


def _parse(entry: Entry) -> Record | None:
    try:
        contents = json.loads(entry.data)
        state = RecordState(entry.labels["rollout.state"])
        revision = int(entry.labels["rollout.revision"])
        before = _spec(contents, "before") if contents.get("before") else None
        return Record(entry, revision, state, _spec(contents, "baseline"), _spec(contents, "target"), before)
    except (ValueError, KeyError, TypeError):
        return None


def _spec(contents: Mapping[str, Any], key: str) -> Spec:
    found = contents[key]
    if not isinstance(found, dict) or "TaskTemplate" not in found:
        raise ValueError(f"{key} is not a service spec")
    return found
