"""What side services are called, what they are for, and how they are known again. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Set
from dataclasses import dataclass

from rollout import spec
from rollout.model import CauseKind, Service, Spec

KIND_LABEL = "rollout.kind"
SERVICE_LABEL = "rollout.service"
NAME_LABEL = "rollout.name"
PREFIX = "rollout-"
LONGEST = 63
"""The letters of a service's name, which has to do for DNS (moby/swarmkit manager/controlapi/service.go)."""


@dataclass(frozen=True)
class Purpose:
    """What a side service is for: a ``word`` for names, a ``title`` for a person, what its failure is."""

    word: str
    title: str
    failure: CauseKind
    kind: str = "oneshot"


PREVIEW = Purpose("preview", "preview of the release", CauseKind.SMOKE, kind="preview")
SMOKE = Purpose("smoke", "smoke test", CauseKind.SMOKE)
BEFORE = Purpose("before", "before hook", CauseKind.HOOK)
AFTER = Purpose("after", "after hook", CauseKind.HOOK)
ON_ROLLBACK = Purpose("on-rollback", "on_rollback hook", CauseKind.HOOK)
PREPULL = Purpose("prepull", "pre-pull", CauseKind.PULL, kind="prepull")

_KINDS = frozenset({PREVIEW.kind, SMOKE.kind, PREPULL.kind})


def new_name(purpose: Purpose, service: str, token: str = "") -> str:
    """A name that nothing else has; a long service name is cut so that the token stays."""
    token = token or secrets.token_hex(4)
    head = f"{PREFIX}{purpose.word}-"
    room = LONGEST - len(head) - len(token) - 1
    return f"{head}{service[:room].rstrip('-_')}-{token}"


def labels(purpose: Purpose, service: Service) -> dict[str, str]:
    """What a side service of this service is known by."""
    return {KIND_LABEL: purpose.kind, SERVICE_LABEL: service.id, NAME_LABEL: service.name}


def is_side_service(wanted: Spec) -> bool:
    """Whether this is the spec of a side service: name and labels have to say so."""
    ours = str(wanted.get("Name", "")).startswith(PREFIX)
    return ours and spec.labels(wanted).get(KIND_LABEL) in _KINDS


def belongs_to(side: Service, service_id: str) -> bool:
    """Whether this is a side service of that service."""
    return is_side_service(side.spec) and spec.labels(side.spec).get(SERVICE_LABEL) == service_id


def orphaned(side: Service, service_ids: Set[str]) -> bool:
    """Whether this is a side service of none of these, though it had one."""
    owner = spec.labels(side.spec).get(SERVICE_LABEL)
    return is_side_service(side.spec) and bool(owner) and owner not in service_ids
