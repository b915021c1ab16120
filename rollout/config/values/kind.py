"""What a kind of value is: how it is parsed, checked and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from rollout.config.errors import Unfit
from rollout.config.wording import nearest

Word = TypeVar("Word", bound=str)
Value = TypeVar("Value")


def anything(_value: Any) -> None:
    """The check of a kind whose parser lets nothing bad through."""


@dataclass(frozen=True)
class Kind:
    """A kind of value. Parsers take what a TOML file or a text holds, and raise ``Unfit``.

    ``takes`` names it in the reference, ``metavar`` in the help of a command; ``typed`` is what code may pass
    unparsed; ``words`` are all that there are, where they can be counted.
    """

    takes: str
    parse: Callable[[object], object]
    show: Callable[[Any], str] = str
    check: Callable[[Any], None] = anything
    typed: type | None = None
    metavar: str | None = None
    words: tuple[str, ...] = ()

    def read(self, found: object) -> object:
        """The value for what was found in a file, a variable or a label."""
        value = self.parse(found)
        self.check(value)
        return value

    def read_typed(self, found: object) -> object:
        """The same for a caller in Python, whose value may need no parsing."""
        if self.typed is None or not isinstance(found, self.typed):
            return self.read(found)
        self.check(found)
        return found


def each(parse: Callable[[object], Value], listed: Iterable[object]) -> tuple[Value, ...]:
    """Every element's value; what is wrong is said of the element that it is wrong with."""
    return tuple(_element(parse, one) for one in listed)


def _element(parse: Callable[[object], Value], one: object) -> Value:
    try:
        return parse(one)
    except Unfit as unfit:
        raise Unfit(unfit.reason, one) from unfit


def one_of(words: Iterable[Word]) -> Callable[[object], Word]:
    """A parser for the words of an enum."""
    known = {str(word): word for word in words}

    def parse(found: object) -> Word:
        if isinstance(found, str) and found in known:
            return known[found]
        near = nearest(found, known) if isinstance(found, str) else None
        raise Unfit(f"not one of {', '.join(known)}" + (f': did you mean "{near}"?' if near else ""))

    return parse


def choice(words: Iterable[str], show: Callable[[Any], str] = str) -> Kind:
    """A kind that is one of some words."""
    listed = tuple(words)
    known = tuple(map(str, listed))
    takes = ", ".join(f"`{word}`" for word in known)
    return Kind(takes, one_of(listed), show, metavar="|".join(known), words=known)
