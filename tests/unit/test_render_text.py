from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rollout.model import Change
from rollout.render.redact import shown
from rollout.render.text import (
    Span,
    Style,
    age,
    duration,
    fitted,
    labelled,
    line,
    log_line,
    painted,
    paragraph,
    safe,
    text_of,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0s"),
        (0.25, "0.2s"),
        (4.5, "4.5s"),
        (9.96, "10s"),
        (38.2, "38s"),
        (59.7, "1m"),
        (185.0, "3m 05s"),
        (7800.0, "2h 10m"),
        (273600.0, "3d 04h"),
    ],
)
def test_a_duration_is_said_as_a_person_says_it(seconds, words):
    assert duration(seconds) == words


def test_an_age_has_no_fractions_and_is_short_when_it_is_long():
    assert [age(0.9), age(59.9), age(65.0), age(7800.0), age(700000.0)] == ["0s", "59s", "1m 05s", "2h", "8d"]


def test_colours_and_cursor_movements_of_others_are_taken_out():
    assert safe("\x1b[31mred\x1b[0m \x1b[2J\x1b[1;1Hhome") == "red home"


def test_window_titles_links_and_clipboard_writes_of_others_are_taken_out():
    assert safe("a\x1b]0;owned\x07b\x1b]8;;http://evil\x1b\\c\x1b]52;c;aGk=\x07d") == "abcd"


def test_an_unfinished_escape_loses_its_power_but_not_the_text_behind_it():
    assert safe("\x1b]0;exit code 1") == "]0;exit code 1"


def test_several_lines_become_one_and_hidden_characters_vanish():
    assert safe("one\ntwo\tthree\u202e\u200b\x9b") == "one two three"


def test_logins_in_urls_are_masked():
    assert safe("dial redis://app:s3cr3t@redis:6379/0 failed") == "dial redis://***@redis:6379/0 failed"


def test_an_at_sign_in_a_path_is_no_login():
    assert safe("http://lb/user@example.com") == "http://lb/user@example.com"


def test_a_log_line_keeps_its_indentation():
    assert log_line("   #0 \x1b[1mmain\x1b[0m") == "   #0 main"


@given(some.text())
def test_nothing_that_is_said_can_move_the_cursor(text):
    assert safe(text).isprintable()
    assert log_line(text).isprintable()


@given(some.text(), some.sampled_from(["ascii", "latin-1", "utf-8", None]))
def test_every_text_can_be_written_in_every_encoding(text, encoding):
    fitted(safe(text), encoding).encode(encoding or "ascii")


def test_glyphs_have_a_fallback():
    assert fitted("● php.1 → ✗", "ascii") == "* php.1 -> x"


def test_without_colour_nothing_but_the_words_is_written():
    words = line("a ", Span("b", Style.BAD))
    assert painted(words, colour=False) == "a b"
    assert painted(words, colour=True) == "a \x1b[1;31mb\x1b[0m"


def test_a_paragraph_keeps_to_the_width_and_hangs_under_its_label():
    lines = [text_of(spans) for spans in labelled("order", "word " * 30, 60)]
    assert max(map(len, lines)) <= 60
    assert lines[0].startswith("  order       word")
    assert all(text.startswith(" " * 14 + "word") for text in lines[1:])


def test_a_pipe_gets_paragraphs_in_one_line():
    assert len(paragraph("word " * 100, 2, None)) == 1


@pytest.mark.parametrize(
    ("change", "values"),
    [
        (Change("Labels.app.password", "a", "b"), ("(hidden)", "(hidden)")),
        (Change("TaskTemplate.ContainerSpec.Args", None, '["--token=abc"]'), (None, '["--token=(hidden)"]')),
        (
            Change("TaskTemplate.ContainerSpec.Secrets", None, '[{"SecretName": "x"}]'),
            (None, '[{"SecretName": "x"}]'),
        ),
        (Change("Labels.tier", "web", "api"), ("web", "api")),
    ],
)
def test_what_goes_by_a_secrets_name_is_hidden(change, values):
    assert shown(change) == values
