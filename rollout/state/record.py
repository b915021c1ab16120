"""The record of a deployment: baseline, target, who, how and how it ended, as a config of the Swarm.

It is written before the first release. The specs never change and are its data; what happens is kept in its
labels. An open record whose process is gone is an interrupted deployment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from rollout import spec
from rollout.config.keys import BY_OPTION
from rollout.errors import AlreadyExists, Conflict, NotFound, OutcomeUnknown, Refused
from rollout.model import Options, Plan, Service, Spec
from rollout.ports import Entry, Store
from rollout.state.holder import Holder

KIND = "record"
CARE = ("strategy", "batch", "stages", "pause", "rest", "order")
"""The options that say in which steps: whoever goes on with a deployment goes on in the same way."""
TRIES = 5
NOTHING: Mapping[str, str] = MappingProxyType({})
LARGEST = 500 * 1024
"""Bytes that every engine takes: moby/swarmkit manager/controlapi/config.go has 500 KiB until 20.10."""


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
    """One deployment as the Swarm remembers it."""

    entry: Entry
    revision: int
    state: RecordState
    baseline: Spec
    target: Spec

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


def open_record(
    store: Store, plan: Plan, gates: Sequence[str], holder: Holder, now: datetime, last: int
) -> Record:
    """Write the record of a deployment that is about to begin. Raises Refused if it is too large.

    ``gates`` are their names as they may be kept.
    """
    data = json.dumps({**_contents(plan, holder, now), "gates": list(gates)}).encode()
    if len(data) > LARGEST:
        raise Refused(
            f"the spec of {plan.service.name} is too large to be recorded ({len(data)} bytes of {LARGEST})",
            "move large values from the service's environment and labels into configs or files",
        )
    return _create(store, plan, data, last + 1)


def close(
    store: Store, record: Record, state: RecordState, cause: str = "", end: Mapping[str, str] = NOTHING
) -> None:
    """Write the end into the record, as long as it is there. Raises what the store raises.

    ``end`` are more labels, for those who look back.
    """
    told = {"rollout.state": str(state), "rollout.outcome": str(state), "rollout.cause": cause[:200]}
    labels = {**record.entry.labels, **told, **end}
    entry = record.entry
    for _ in range(TRIES):
        try:
            store.relabel(entry, labels)
            return
        except NotFound:
            return
        except (Conflict, OutcomeUnknown):
            found = [one for one in store.find({"rollout.kind": KIND}) if one.id == entry.id]
            if not found or found[0].labels == labels:
                return
            entry = found[0]


def prune(store: Store, records: tuple[Record, ...], keep: int) -> None:
    """Remove the oldest records beyond ``keep``."""
    for record in records[: max(0, len(records) - keep)]:
        store.remove(record.entry)


def _create(store: Store, plan: Plan, data: bytes, revision: int) -> Record:
    """Take the next free revision; if the reply was lost, see whether it was taken by us."""
    labels = {
        "rollout.kind": KIND,
        "rollout.service": plan.service.id,
        "rollout.name": plan.service.name,
        "rollout.revision": str(revision),
        "rollout.state": str(RecordState.RUNNING),
    }
    try:
        entry = store.create(f"rollout.rev.{plan.service.id}.{revision}", data, labels)
    except (AlreadyExists, OutcomeUnknown):
        taken = [one for one in store.find(labels) if one.data == data]
        if not taken:
            return _create(store, plan, data, revision + 1)
        entry = taken[0]
    return Record(entry, revision, RecordState.RUNNING, plan.baseline, plan.target)


def _contents(plan: Plan, holder: Holder, now: datetime) -> dict[str, Any]:
    return {
        "schema": "rollout/record/v1",
        "service": plan.service.name,
        "started": now.isoformat(timespec="seconds"),
        "who": holder.who,
        "pipeline": holder.pipeline,
        "commit": holder.commit,
        "branch": holder.branch,
        "build": holder.build,
        "stage": holder.stage,
        "old_image": str(plan.old_image),
        "new_image": str(plan.new_image),
        "strategy": plan.options.strategy,
        "order": str(plan.order),
        "slots": plan.slots,
        "done": plan.done,
        "care": care_of(plan.options),
        "steps": [step.upto for step in plan.steps],
        "bake": plan.options.bake,
        "baseline": plan.baseline,
        "target": plan.target,
    }


def care_of(options: Options) -> dict[str, str]:
    """These options as a person would write them; what nobody decided is left to be decided again."""
    wished = {option: getattr(options, option) for option in CARE}
    return {option: BY_OPTION[option].show(value) for option, value in wished.items() if value is not None}


def _parse(entry: Entry) -> Record | None:
    try:
        contents = json.loads(entry.data)
        state = RecordState(entry.labels["rollout.state"])
        revision = int(entry.labels["rollout.revision"])
        return Record(entry, revision, state, _spec(contents, "baseline"), _spec(contents, "target"))
    except (ValueError, KeyError, TypeError):
        return None


def _spec(contents: Mapping[str, Any], key: str) -> Spec:
    found = contents[key]
    if not isinstance(found, dict) or "TaskTemplate" not in found:
        raise ValueError(f"{key} is not a service spec")
    return found
