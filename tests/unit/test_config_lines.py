"""A mistake is found on its own line, however the file is laid out."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollout.config.lines import line_of, lines_of

LAYOUT = '''# [defaults]
title = """
batch = 1
[services.php]
"""
[services.'php']   # the site
  batch = 2
list = [
  "a",
  ["b"],
]
"min ready" = 3
a.b = 4

[[services.php.gates]]
url = "one"
[[ services.php.gates ]]
url = "two"
[services.php.gates.headers]
Host = "x"
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 2),
        (("services", "php"), 6),
        (("services", "php", "batch"), 7),
        (("services", "php", "list"), 8),
        (("services", "php", "min ready"), 12),
        (("services", "php", "a", "b"), 13),
        (("services", "php", "gates", 0), 15),
        (("services", "php", "gates", 0, "url"), 16),
        (("services", "php", "gates", 1), 17),
        (("services", "php", "gates", 1, "url"), 18),
        (("services", "php", "gates", 1, "headers", "Host"), 20),
    ],
)
def test_each_key_is_found_on_its_line(place: tuple[str | int, ...], line: int):
    assert line_of(place, lines_of(LAYOUT)) == line


def test_what_stands_inside_of_a_line_has_that_line():
    lines = lines_of("[services]\nphp = { batch = 1 }\n")
    assert line_of(("services", "php", "batch"), lines) == 2


def test_what_is_nowhere_has_no_line():
    assert line_of(("defaults",), lines_of("[services]\n")) is None


@settings(deadline=None)
@given(st.text("[]=\"'#a.\n {}0,", max_size=60))
def test_every_line_that_is_told_is_there(text: str):
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert all(1 <= line <= text.count("\n") + 1 for line in lines_of(text).values())
