"""Past deployments, as the records tell of them: for those who look back. Reads only.

What a record holds was written by some version of this program, or by anybody: what is not there, or makes no
sense, is empty.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from rollout import diary, overview, spec
from rollout.diary import Passage
from rollout.errors import UsageError
from rollout.model import Image, Service, Spec
from rollout.ports import Store, Swarm
from rollout.secrets import public_link
from rollout.state import record
from rollout.state.record import Record, RecordState

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Revision:
    """One deployment. ``outcome`` is empty where none was written; ``seconds`` is how long it took.

    ``unfinished`` is the one that the next deployment would take up; ``holder`` is who is at work on it now.
    ``steps`` says after each step how many of the ``slots`` were to run the target, ``passages`` when those
    that were begun began and ended; ``bake`` and ``paused`` are in seconds.
    """

    service: str
    number: int
    old_image: Image
    new_image: Image
    baseline: Spec
    target: Spec
    outcome: str = ""
    cause: str = ""
    unfinished: bool = False
    holder: str = ""
    started: datetime | None = None
    seconds: float | None = None
    replaced: int | None = None
    slots: int | None = None
    steps: tuple[int, ...] = ()
    passages: tuple[Passage, ...] = ()
    bake: float | None = None
    paused: float = 0.0
    who: str = ""
    pipeline: str = ""
    commit: str = ""
    branch: str = ""
    build: str = ""
    stage: str = ""
    old_source: str = ""
    new_source: str = ""
    strategy: str = ""
    order: str = ""
    gates: tuple[str, ...] = ()


def of_service(swarm: Swarm, store: Store, service: Service) -> tuple[Revision, ...]:
    """A service's deployments, newest first."""
    return _told(swarm, store, record.history(store, service.id), service)


def of_all(swarm: Swarm, store: Store) -> tuple[Revision, ...]:
    """The deployments of all services, newest first, those of services that are gone included."""
    services = {service.id: service for service in swarm.services()}
    by_service: dict[str, list[Record]] = {}
    for found in record.every(store):
        by_service.setdefault(_text(found.entry.labels, "rollout.service"), []).append(found)
    told = [
        revision
        for service_id, records in by_service.items()
        for revision in _told(swarm, store, tuple(records), services.get(service_id))
    ]
    return tuple(sorted(told, key=lambda revision: revision.started or _LONG_AGO, reverse=True))


def pick(revisions: tuple[Revision, ...], service: str, number: int) -> Revision:
    """The revision of that number. Raises UsageError."""
    for revision in revisions:
        if revision.number == number:
            return revision
    raise UsageError(
        f"revision {number} of {service} is not on record",
        f"`rollout history {service}` shows those that are; how many are kept is the setting `keep`",
    )


def _told(
    swarm: Swarm, store: Store, records: tuple[Record, ...], service: Service | None
) -> tuple[Revision, ...]:
    """Newest first. Only the last one can be under way or unfinished."""
    told = [of_record(found) for found in records]
    if service is not None and records and records[-1].open:
        told[-1] = _as_it_stands(swarm, store, records, service, told[-1])
    return tuple(reversed(told))


def _as_it_stands(
    swarm: Swarm, store: Store, records: tuple[Record, ...], service: Service, last: Revision
) -> Revision:
    """An open record with what is known beside it: somebody may be at work, or be gone half-way."""
    at_work = overview.holder(swarm, store, service.id)
    unfinished = record.interrupted(records, service) is not None
    ended = not unfinished and not at_work and spec.same(last.target, service.spec)
    return replace(
        last,
        unfinished=unfinished,
        holder=at_work,
        outcome=str(RecordState.DEPLOYED) if ended else last.outcome,
    )


def of_record(found: Record) -> Revision:
    """One deployment, as its record alone tells of it."""
    contents, labels = json.loads(found.entry.data), found.entry.labels
    return Revision(
        service=_text(labels, "rollout.name"),
        number=found.revision,
        old_image=spec.image(found.before or found.baseline),
        new_image=spec.image(found.target),
        baseline=found.before or found.baseline,
        target=found.target,
        outcome=labels.get("rollout.outcome", "" if found.state == RecordState.RUNNING else str(found.state)),
        cause=_text(labels, "rollout.cause"),
        started=_time(contents.get("started")),
        seconds=_number(labels.get("rollout.seconds")),
        replaced=_whole(labels.get("rollout.replaced")),
        slots=_whole(labels.get("rollout.slots", contents.get("slots"))),
        steps=tuple(step for step in _list(contents, "steps") if isinstance(step, int)),
        passages=diary.read(_text(labels, diary.LABEL)),
        bake=_number(contents.get("bake")),
        paused=_number(labels.get("rollout.paused")) or 0.0,
        gates=tuple(map(str, _list(contents, "gates"))),
        who=_text(contents, "who"),
        pipeline=public_link(_text(contents, "pipeline")),
        commit=_text(contents, "commit"),
        branch=_text(contents, "branch"),
        build=_text(contents, "build"),
        stage=_text(contents, "stage"),
        old_source=_text(contents, "old_source"),
        new_source=_text(contents, "new_source"),
        strategy=_text(contents, "strategy"),
        order=_text(contents, "order"),
    )


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def _list(fields: Mapping[str, Any], key: str) -> list[Any]:
    value = fields.get(key)
    return value if isinstance(value, list) else []


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if isfinite(number) else None


def _whole(value: object) -> int | None:
    number = _number(value)
    return None if number is None else int(number)


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
