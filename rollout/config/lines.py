"""Which line of a TOML file a key is on, since tomllib does not tell.

For files that tomllib has accepted. What does not stand at the beginning of a line, such as a key in an
inline table, is given the line of the nearest table or key around it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping

from rollout.config.errors import Place

_MULTILINE_QUOTES = ('"""', "'''")


def line_of(place: Place, lines: Mapping[Place, int]) -> int | None:
    """The line of a place, or of the nearest place around it that is known."""
    around = (place[:length] for length in range(len(place), 0, -1))
    return next((lines[nearest] for nearest in around if nearest in lines), None)


def lines_of(text: str) -> dict[Place, int]:
    """The first line that speaks of each table and key, for those that begin a line."""
    found: dict[Place, int] = {}
    arrays: dict[Place, int] = {}
    table: Place = ()
    for number, line in _outside_of_long_texts(text):
        if line.startswith("[["):
            table = _next_element(_keys(line), arrays)
        elif line.startswith("["):
            table = _within(_keys(line), arrays) or table
        place = table if line.startswith("[") else table + _keys(line.partition("=")[0] + "=0")
        for length in range(1, len(place) + 1):
            found.setdefault(place[:length], number)
    return found


def _outside_of_long_texts(text: str) -> Iterator[tuple[int, str]]:
    """The lines, stripped and numbered, without comments and the inner lines of texts that span several."""
    inside = ""
    for number, line in enumerate(text.split("\n"), 1):
        opening = inside or next((quotes for quotes in _MULTILINE_QUOTES if quotes in line), "")
        stripped = line.strip()
        if not inside and stripped and not stripped.startswith("#"):
            yield number, stripped
        inside = _still_inside(inside, opening, line)


def _still_inside(inside: str, quotes: str, line: str) -> str:
    turns = line.count(quotes) % 2 == 1 if quotes else False
    return ("" if inside else quotes) if turns else inside


def _keys(line: str) -> Place:
    """The keys that a header or an assignment names; none if the line is neither."""
    try:
        inner: object = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    place: Place = ()
    while isinstance(inner, dict | list) and inner:
        key = next(iter(inner)) if isinstance(inner, dict) else None
        place = place if key is None else (*place, key)
        inner = inner[0] if key is None else inner[key]
    return place


def _within(keys: Place, arrays: Mapping[Place, int]) -> Place:
    """The place that a header means: in an array of tables the latest element."""
    place: Place = ()
    for key in keys:
        place = (*place, key)
        place = (*place, arrays[place]) if place in arrays else place
    return place


def _next_element(keys: Place, arrays: dict[Place, int]) -> Place:
    array = (*_within(keys[:-1], arrays), *keys[-1:])
    arrays[array] = arrays.get(array, -1) + 1
    return (*array, arrays[array])
