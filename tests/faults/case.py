"""What one row of the table is: a release, the trouble around it, and how rollout is told to deploy it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rollout.lab.stack import GOOD, URL

if TYPE_CHECKING:
    from faults.stage import Stage

PAGE_GATE = {"kind": "http", "url": URL, "expect_status": 200, "version_header": "X-Version"}
PHP = "php"
PORTED = "ported"
_QUICK = {"min_ready": "1s", "bake": "5s", "start_timeout": "20s"}


@dataclass(frozen=True)
class Blow:
    """Something that is done ``after`` so many seconds, counted from when the first new replica runs."""

    after: float
    act: Callable[[Stage], None]


def nothing(_stage: Stage) -> None:
    """Leave everything as it is."""


@dataclass(frozen=True)
class Trouble:
    """What goes wrong around a release: arranged before it, done in its midst, taken away after it."""

    arrange: Callable[[Stage], None] = nothing
    blows: tuple[Blow, ...] = ()
    clear: Callable[[Stage], None] = nothing


@dataclass(frozen=True)
class Case:
    """A fault. ``release`` is one of the lab's (``rollout.lab.stack``); "" stands for one never built.

    ``right`` are the exit codes with which rollout tells the truth; ``blame`` says that the release itself
    is bad, so that not noticing it is a failure. ``docker`` says why the other tool has no such thing, and
    ``linger`` for how long the site is watched after a command has ended, in seconds.
    """

    name: str
    title: str
    right: tuple[int, ...]
    release: str = GOOD
    blame: bool = True
    service: str = PHP
    url: str = URL
    gate: Mapping[str, object] = field(default_factory=lambda: PAGE_GATE)
    defaults: Mapping[str, str] = field(default_factory=dict)
    extra: str = ""
    arguments: tuple[str, ...] = ()
    trouble: Trouble = Trouble()
    docker: str = ""
    linger: float = 5.0


def settings(case: Case, service: str) -> str:
    """Write the rollout.toml of a case for a service of the Swarm."""
    defaults = {**_QUICK, **case.defaults}
    lines = ["[defaults]", *_pairs(defaults), "", f"[services.{case.service}]"]
    lines += [*_pairs({"service": service}), "", f"[[services.{case.service}.gates]]", *_pairs(case.gate)]
    return "\n".join([*lines, "", case.extra])


def _pairs(values: Mapping[str, object]) -> list[str]:
    """TOML writes texts, numbers and arrays as JSON does."""
    return [f"{key} = {json.dumps(value)}" for key, value in values.items()]
