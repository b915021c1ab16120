"""Writes the records: opened before the first release, ended once, and removed when they are too many.

Every write goes by the version that was read, and an end is written only over what is still as it was left:
a process that wakes up late must not overwrite what others have made of its record meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from rollout.config.keys import BY_OPTION
from rollout.errors import AlreadyExists, Conflict, NotFound, OutcomeUnknown, Refused
from rollout.model import Options, Plan, PlanKind
from rollout.ports import Entry, Store
from rollout.state import removal
from rollout.state.holder import Holder
from rollout.state.record import CARE, KIND, OPEN, Record, RecordState

TRIES = 5
NOTHING: Mapping[str, str] = MappingProxyType({})
LARGEST = 500 * 1024
"""Bytes that every engine takes: moby/swarmkit manager/controlapi/config.go has 500 KiB until 20.10."""


ROOM = 16 * 1024
"""Bytes left for what is not in the specs: who deploys, and the names of the gates."""


def refuse_too_large(plan: Plan) -> None:
    """See that what has to be recorded fits into a config, before anything is touched. Raises Refused."""
    size = len(json.dumps([plan.baseline, plan.target])) + ROOM
    if size >= LARGEST and plan.kind != PlanKind.UNCHANGED:
        raise _too_large(plan, size)


def open_record(
    store: Store, plan: Plan, gates: Sequence[str], holder: Holder, now: datetime, last: int
) -> Record:
    """Write the record of a deployment that is about to begin. Raises Refused if it is too large.

    ``gates`` are their names as they may be kept.
    """
    data = json.dumps({**_contents(plan, holder, now), "gates": list(gates)}).encode()
    if len(data) >= LARGEST:
        raise _too_large(plan, len(data))
    return _create(store, plan, data, last + 1)


def _too_large(plan: Plan, size: int) -> Refused:
    return Refused(
        f"the spec of {plan.service.name} is too large to be recorded: old and new together take {size} bytes"
        f" of less than {LARGEST}",
        "move large values from the service's environment and labels into configs or files",
    )


def end(
    store: Store, record: Record, state: RecordState, cause: str = "", more: Mapping[str, str] = NOTHING
) -> Entry | None:
    """Write the end into the record, unless others have ended or removed it. Raises what the store raises.

    ``more`` are labels for those who look back.
    """
    told = {"rollout.state": str(state), "rollout.outcome": str(state), "rollout.cause": cause[:200]}
    entry = record.entry
    labels = {**entry.labels, **told, **more}
    for _ in range(TRIES):
        try:
            return store.relabel(entry, labels)
        except NotFound:
            return None
        except (Conflict, OutcomeUnknown):
            found = [one for one in store.find({"rollout.kind": KIND}) if one.id == entry.id]
            if not found or found[0].labels == labels:
                return found[0] if found else None
            if not _may_be_ended(found[0], record):
                return None
            entry = found[0]
    return None


def _may_be_ended(found: Entry, record: Record) -> bool:
    """Whether it is as it was left, or open still."""
    return found.labels.get("rollout.state", "") in {*OPEN, record.state}


def prune(store: Store, records: tuple[Record, ...], keep: int) -> None:
    """Remove the oldest beyond ``keep``; what is open, or was the last to be deployed, is needed still."""
    deployed = [record for record in records if record.state == RecordState.DEPLOYED]
    for record in records[:-keep]:
        if not record.open and record not in deployed[-1:]:
            removal.remove(store, record.entry)


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
    return Record(entry, revision, RecordState.RUNNING, plan.baseline, plan.target, plan.before)


def care_of(options: Options) -> dict[str, str]:
    """These options as a person would write them; what nobody decided is left to be decided again."""
    wished = {option: getattr(options, option) for option in CARE}
    return {option: BY_OPTION[option].show(value) for option, value in wished.items() if value is not None}


def _contents(plan: Plan, holder: Holder, now: datetime) -> dict[str, Any]:
    images = (plan.old_image, plan.new_image) if plan.before is None else (plan.new_image, plan.old_image)
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
        "old_image": str(images[0]),
        "new_image": str(images[1]),
        "old_source": plan.sources[0],
        "new_source": plan.sources[1],
        "strategy": plan.options.strategy,
        "order": str(plan.order),
        "slots": plan.slots,
        "done": plan.done,
        "care": care_of(plan.options),
        "steps": [step.upto for step in plan.steps],
        "bake": plan.options.bake,
        "baseline": plan.baseline,
        "target": plan.target,
        "before": plan.before,
    }
