"""``[[services.NAME.gates]]``: one kind of gate an entry in ``KINDS``, its fields read by one road."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rollout.config import values
from rollout.config.errors import Place, Problem
from rollout.config.layers import Setting, attempt
from rollout.config.values import Kind
from rollout.config.wording import advice, plain, shown
from rollout.model import HttpProbe


@dataclass(frozen=True)
class Field:
    """One field of a gate."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class GateKind:
    """A kind of gate: ``build`` makes a member of the tuple ``Options.<option>`` out of the fields."""

    name: str
    option: str
    build: Callable[..., Any]
    fields: tuple[Field, ...]

    def default(self, one: Field) -> str:
        """What a field is where nobody sets it, as a user would write it."""
        example = self.build(**{other.name: "" for other in self.fields if other.required})
        return "required" if one.required else one.kind.show(getattr(example, one.name))


HTTP = GateKind(
    "http",
    "probes",
    HttpProbe,
    (
        Field("url", values.URL, "The address that has to answer.", required=True),
        Field("expect_status", values.STATUS, "The status that the answer has to have."),
        Field("timeout", values.SOME_TIME, "How long an answer may take."),
        Field("headers", values.HEADERS, "Header fields to send, such as `Host`."),
    ),
)

KINDS: Mapping[str, GateKind] = {kind.name: kind for kind in (HTTP,)}


@dataclass(frozen=True)
class Gates:
    """The gates of one service, by the field of ``Options`` they belong to."""

    by_option: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_gates(found: object, service: str, place: Place) -> Gates:
    """Every gate in the table of a service."""
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        said = f"gates in [services.{service}] is no array of tables: write [[services.{service}.gates]]"
        return Gates(problems=(Problem(said, place),))
    where = f"of [services.{service}]"
    return _together([_gate(one, f"gate {n + 1} {where}", (*place, n)) for n, one in enumerate(found)])


def _together(parts: Sequence[Gates]) -> Gates:
    by_option: dict[str, tuple[Any, ...]] = {}
    for part in parts:
        by_option |= {option: by_option.get(option, ()) + gates for option, gates in part.by_option.items()}
    return Gates(by_option, tuple(problem for part in parts for problem in part.problems))


def _gate(found: Mapping[str, object], where: str, place: Place) -> Gates:
    named = found.get("kind")
    kind = KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        return Gates(problems=(_no_such_kind(found, where, place),))
    entries = {one.name: _field(one, found, where, place) for one in kind.fields if one.name in found}
    problems = [entry for entry in entries.values() if isinstance(entry, Problem)]
    problems += _missing(kind, found, where, place) + _unknown(kind, found, where, place)
    if problems:
        return Gates(problems=tuple(problems))
    values_found = {name: entry.value for name, entry in entries.items() if isinstance(entry, Setting)}
    return Gates({kind.option: (kind.build(**values_found),)})


def _field(one: Field, found: Mapping[str, object], where: str, place: Place) -> Setting | Problem:
    return attempt(one.kind.read, found[one.name], f"{one.name} in {where}", where, (*place, one.name))


def _no_such_kind(found: Mapping[str, object], where: str, place: Place) -> Problem:
    known = ", ".join(f'"{name}"' for name in KINDS)
    if "kind" not in found:
        return Problem(f"{where} has no kind: give it one of {known}", place)
    return Problem(f"kind in {where} is {shown(found['kind'])}, not one of {known}", (*place, "kind"))


def _missing(kind: GateKind, found: Mapping[str, object], where: str, place: Place) -> list[Problem]:
    missing = [one.name for one in kind.fields if one.required and one.name not in found]
    return [Problem(f'{where} has no {name}, which kind "{kind.name}" needs', place) for name in missing]


def _unknown(kind: GateKind, found: Mapping[str, object], where: str, place: Place) -> list[Problem]:
    known = ["kind", *(one.name for one in kind.fields)]
    return [
        Problem(f"unknown key {plain(name)} in {where}: {advice(name, known)}", (*place, name))
        for name in found
        if name not in known
    ]
