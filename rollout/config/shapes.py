"""What the tables inside of a service's table may hold: a shape is a list of fields and what they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rollout.config.errors import Place, Problem, Unfit
from rollout.config.layers import Setting, attempt
from rollout.config.values import Kind
from rollout.config.wording import advice, plain


@dataclass(frozen=True)
class Field:
    """One field of a table. ``argument`` is its name in the value that is made, where that differs."""

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    argument: str = ""

    @property
    def target(self) -> str:
        """Its name in the value that is made."""
        return self.argument or self.name


@dataclass(frozen=True)
class Shape:
    """A kind of table, as it is ``called`` in messages.

    ``build`` makes a value out of its fields; it raises ``Unfit`` where they contradict each other.
    """

    called: str
    build: Callable[..., Any]
    fields: tuple[Field, ...]

    def default(self, one: Field) -> str:
        """What a field is where nobody sets it, as a user would write it."""
        example = self.build(**{other.target: "" for other in self.fields if other.required})
        return "required" if one.required else one.kind.show(getattr(example, one.target))


@dataclass(frozen=True)
class Filled:
    """The value that a table made; None if there are problems."""

    value: Any = None
    problems: tuple[Problem, ...] = ()


def fill(shape: Shape, found: Mapping[str, object], where: str, place: Place, also: str = "") -> Filled:
    """Make the value out of a table, which is called ``where``; ``also`` is a key that is read elsewhere."""
    entries = {one.target: _read(one, found, where, place) for one in shape.fields if one.name in found}
    problems = [entry for entry in entries.values() if isinstance(entry, Problem)]
    problems += _missing(shape, found, where, place) + _unknown(shape, found, where, place, also)
    arguments = {name: one.value for name, one in entries.items() if isinstance(one, Setting)}
    if not problems:
        return _built(shape, arguments, where, place)
    return Filled(problems=(*problems, *_contradictions(shape, arguments, where, place)))


def _contradictions(
    shape: Shape, arguments: Mapping[str, Any], where: str, place: Place
) -> tuple[Problem, ...]:
    """What else is wrong, as far as it shows in what could be read: all of it is to be said at once."""
    enough = arguments and all(one.target in arguments for one in shape.fields if one.required)
    return _built(shape, arguments, where, place).problems if enough else ()


def _built(shape: Shape, arguments: Mapping[str, Any], where: str, place: Place) -> Filled:
    try:
        return Filled(shape.build(**arguments))
    except Unfit as unfit:
        return Filled(problems=(Problem(f"{where} {unfit.reason}", place),))


def _read(one: Field, found: Mapping[str, object], where: str, place: Place) -> Setting | Problem:
    return attempt(one.kind.read, found[one.name], f"{one.name} in {where}", where, (*place, one.name))


def _missing(shape: Shape, found: Mapping[str, object], where: str, place: Place) -> list[Problem]:
    missing = [one.name for one in shape.fields if one.required and one.name not in found]
    return [Problem(f"{where} has no {name}, which {shape.called} needs", place) for name in missing]


def _unknown(shape: Shape, found: Mapping[str, object], where: str, place: Place, also: str) -> list[Problem]:
    known = [*([also] if also else []), *(one.name for one in shape.fields)]
    return [
        Problem(f"unknown key {plain(name)} in {where}: {advice(name, known)}", (*place, name))
        for name in found
        if name not in known
    ]
