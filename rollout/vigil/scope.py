"""Which services are watched. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from rollout import lookup, spec
from rollout.model import Service
from rollout.oneshot.names import is_side_service
from rollout.state.tenure import EVERYTHING


@dataclass(frozen=True)
class Scope:
    """By ``names`` (full, or short ones in a stack) and ``labels`` (``key``, ``key=value``); none means all.

    A service has to fit one of the names, and all of the labels.
    """

    names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A short word for it, the same in each life of a watcher."""
        if not self.names and not self.labels:
            return EVERYTHING
        said = json.dumps([sorted(self.names), sorted(self.labels)])
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def of(self, services: Iterable[Service]) -> tuple[Service, ...]:
        """Those that are meant, without what we run beside a service."""
        return tuple(one for one in services if not is_side_service(one.spec) and self._has(one))

    def lost(self, services: Iterable[Service]) -> tuple[str, ...]:
        """The names that no service goes by."""
        known = {name for one in services for name in _names(one)} if self.names else set()
        return tuple(name for name in self.names if name not in known)

    def _has(self, service: Service) -> bool:
        if self.names and not _names(service) & set(self.names):
            return False
        return not self.labels or all(_carries(service, label) for label in self.labels)


def _names(service: Service) -> set[str]:
    return {service.id, service.name, lookup.short_name(service)}


def _carries(service: Service, label: str) -> bool:
    key, equals, value = label.partition("=")
    found = spec.labels(service.spec).get(key)
    return found is not None and (not equals or found == value)
