"""The sources besides the file, each as a layer: flags, environment, labels, update_config. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rollout import pacing
from rollout.config.errors import Problem
from rollout.config.keys import (
    BY_LABEL,
    BY_NAME,
    ENVIRONMENT_PREFIX,
    KEYS,
    LABEL_PREFIX,
    OMISSIONS,
    VARIABLES,
)
from rollout.config.layers import Layer, Reading, Setting, attempt, reading
from rollout.config.wording import advice, nearest, plain
from rollout.model import Batch, OnFailure, Options, Order, Spec

UPDATE_CONFIG = "update_config"
_SURELY_MEANT = 0.85
_NOT_GIVEN: tuple[object, ...] = (None, [], ())


def from_flags(flags: Mapping[str, object]) -> Reading:
    """The flags that were given, by the name of their key; None or an empty list was not given."""
    given = {BY_NAME[name]: flags[name] for name in BY_NAME if flags.get(name) not in _NOT_GIVEN}
    found = reading(
        (key.option, attempt(key.kind.read_typed, found, key.flag, key.flag)) for key, found in given.items()
    )
    return Reading({**found.layer, **_left_out(flags)}, found.problems)


def _left_out(flags: Mapping[str, object]) -> Layer:
    nothing = Options()
    return {
        option: Setting(getattr(nothing, option), omission.flag)
        for omission in OMISSIONS
        if flags.get(omission.name)
        for option in omission.options
    }


def from_environment(environ: Mapping[str, str]) -> Reading:
    """The variables that are set and not empty. Others may share the prefix: only misspelt ones are wrong."""
    given = {key: environ[key.variable] for key in KEYS if environ.get(key.variable)}
    entries = (
        (key.option, attempt(key.kind.read, found, f"environment variable {key.variable}", key.variable))
        for key, found in given.items()
    )
    return reading(entries, _misspelt(environ))


def _misspelt(environ: Mapping[str, str]) -> list[Problem]:
    known = [name.removeprefix(ENVIRONMENT_PREFIX) for name in VARIABLES]
    ours = (name.removeprefix(ENVIRONMENT_PREFIX) for name in environ if name.startswith(ENVIRONMENT_PREFIX))
    meant = {name: _surely_meant(name, known) for name in sorted(ours) if name not in known}
    return [
        Problem(
            f"environment variable {ENVIRONMENT_PREFIX}{plain(name)} is unknown: "
            f"did you mean {ENVIRONMENT_PREFIX}{near}?"
        )
        for name, near in meant.items()
        if near
    ]


def _surely_meant(name: str, known: Sequence[str]) -> str | None:
    """The known name that is near enough; of a short one, that with two neighbouring letters swapped."""
    swapped = {name[:n] + name[n + 1] + name[n] + name[n + 2 :] for n in range(min(len(name), 200) - 1)}
    return nearest(name, known, _SURELY_MEANT) or next((one for one in known if one in swapped), None)


def from_labels(labels: Mapping[str, str], service: str) -> Reading:
    """The service's labels that begin with ``rollout.``; whoever may write the service wrote them."""
    of = f"of service {plain(service)}"
    entries = (
        (key.option, attempt(key.kind.read, labels[name], f"label {name} {of}", f"label {name}"))
        for name, key in BY_LABEL.items()
        if name in labels
    )
    unknown = (name for name in sorted(labels) if name.startswith(LABEL_PREFIX) and name not in BY_LABEL)
    problems = (Problem(f"label {plain(name)} {of} is unknown: {advice(name, BY_LABEL)}") for name in unknown)
    return reading(entries, problems)


def from_update_config(spec: Spec) -> Layer:
    """What the service's owner told Swarm about updates, as far as it can be told from what Swarm fills in.

    A block that leaves a field out comes back from the engine with order stop-first and failure_action pause
    (moby daemon/cluster/convert/service.go). Stop-first is taken at its word: to run twice what must not run
    twice would be worse than a short gap. Pause is not: to stay on a bad release would be worse than to go
    back. Parallelism 0, all at once, is no batch that anyone would want here. Our own releases say nothing.
    """
    own = {} if pacing.release_number(spec) is not None else dict(spec.get("UpdateConfig") or {})
    parallelism, order = own.get("Parallelism") or 0, own.get("Order")
    found = {
        "batch": Batch(int(parallelism)) if parallelism > 0 else None,
        "order": Order(order) if order in set(Order) else None,
        "on_failure": OnFailure.ROLLBACK if own.get("FailureAction") == "rollback" else None,
    }
    return {option: Setting(value, UPDATE_CONFIG) for option, value in found.items() if value is not None}
