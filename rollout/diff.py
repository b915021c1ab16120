"""The difference of two specs, field by field, with values that may be secrets masked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rollout import durations
from rollout.model import Change, Spec
from rollout.spec import MARK, NANOSECONDS

MASK = "(hidden)"
_NOISE = frozenset({"UpdateConfig", "RollbackConfig"})
_TIMES = (
    ".Healthcheck.Interval",
    ".Healthcheck.Timeout",
    ".Healthcheck.StartPeriod",
    ".Healthcheck.StartInterval",
    ".ContainerSpec.StopGracePeriod",
    ".RestartPolicy.Delay",
    ".RestartPolicy.Window",
)
"""Fields in ns; what is finer than a microsecond is a mark of ours (rollout.fast_health), nothing to show."""


def changes(before: Spec, after: Spec) -> tuple[Change, ...]:
    """What differs, sorted by path; the pacing of updates is left out, it restarts nothing."""
    return tuple(map(_masked, unmasked(before, after)))


def unmasked(before: Spec, after: Spec) -> tuple[Change, ...]:
    """The same with the values of the environment: for a person who asks for them only."""
    old, new = _flat(before), _flat(after)
    paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return tuple(Change(path, old.get(path), new.get(path)) for path in paths)


def _flat(spec: Spec) -> dict[str, str]:
    leaves = _leaves({key: value for key, value in spec.items() if key not in _NOISE}, "")
    return {path: value for path, value in leaves if path != f"Labels.{MARK}"}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if path.endswith(".Env") and isinstance(value, list):
        pairs = (str(item).partition("=") for item in value)
        yield from ((f"{path}.{name}", rest) for name, _, rest in pairs)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, int) and value and path.endswith(_TIMES):
        yield path, durations.format(round(value, -3) / NANOSECONDS)
    elif value not in (None, "", 0, False, []):
        yield path, value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _masked(change: Change) -> Change:
    if ".Env." not in change.path:
        return change
    before, after = (None if value is None else MASK for value in (change.before, change.after))
    return Change(change.path, before, after)
