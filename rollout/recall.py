"""Which recorded spec `rollout undo` brings back. Pure."""

from __future__ import annotations

from rollout import spec
from rollout.errors import Refused
from rollout.model import Service, Spec
from rollout.state.record import OPEN, Record, RecordState

_PROVED = frozenset({RecordState.DEPLOYED})
_LEFT_BEHIND = frozenset({RecordState.DEPLOYED, RecordState.FAILED})
"""Ends after which the target is in force, or may be."""


def spec_to_restore(records: tuple[Record, ...], service: Service, to: int | None) -> Spec:
    """What revision ``to`` deployed; without it, what was in force before the last deployment that stayed.

    ``records`` are oldest first. Raises Refused, with the way out, where there is nothing to go back to.
    """
    return _before_the_last(records, service) if to is None else _deployed_by(records, service, to)


def _before_the_last(records: tuple[Record, ...], service: Service) -> Spec:
    """One that was taken back left nothing to undo; one that is unfinished did."""
    for record in reversed(records):
        if record.state in _PROVED:
            return record.before or record.baseline
        if record.state in _LEFT_BEHIND or _began(record, service):
            return record.baseline
    raise Refused(
        f"there is nothing to go back to: no deployment of {service.name} is on record that stayed",
        f"name the release: `rollout deploy {service.name} --tag TAG`",
    )


def _began(record: Record, service: Service) -> bool:
    """Whether it never came to its end, and the service is not where it began."""
    return record.state in OPEN and not spec.same(
        spec.with_scale_of(record.baseline, service.spec), service.spec
    )


def _deployed_by(records: tuple[Record, ...], service: Service, to: int) -> Spec:
    found = next((record for record in records if record.revision == to), None)
    see = f"`rollout history {service.name}` shows where one can go"
    if found is None:
        raise Refused(f"revision {to} of {service.name} is not on record", see)
    if found.state not in _PROVED and not found.open:
        raise Refused(
            f"revision {to} of {service.name} was never fully in force: it is {found.state}",
            f"{see}; `rollout deploy {service.name} --image {spec.image(found.target)}` tries it again",
        )
    return found.target
