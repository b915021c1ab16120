from __future__ import annotations

import pytest

from rollout.render.choose import Look, Output, choose, wants_colour

TERMINAL = {"TERM": "xterm-256color"}


def test_a_terminal_gets_the_live_screen_in_colour():
    assert choose(TERMINAL, tty=True) == Look(Output.LIVE, colour=True)


def test_a_pipe_gets_plain_lines_without_colour():
    assert choose(TERMINAL, tty=False) == Look(Output.PLAIN, colour=False)


def test_a_pipeline_gets_plain_lines_even_where_it_pretends_to_be_a_terminal():
    assert choose({**TERMINAL, "CI": "true"}, tty=True).output == Output.PLAIN


@pytest.mark.parametrize("word", ["", "0", "false"])
def test_ci_can_be_switched_off(word):
    assert choose({**TERMINAL, "CI": word}, tty=True).output == Output.LIVE


def test_a_dumb_terminal_gets_plain_lines_without_colour():
    assert choose({"TERM": "dumb"}, tty=True) == Look(Output.PLAIN, colour=False)


def test_no_color_takes_the_colour_and_leaves_the_live_screen():
    assert choose({**TERMINAL, "NO_COLOR": "1"}, tty=True) == Look(Output.LIVE, colour=False)


def test_an_empty_no_color_means_nothing():
    assert wants_colour({**TERMINAL, "NO_COLOR": ""}, tty=True)


@pytest.mark.parametrize("name", ["FORCE_COLOR", "CLICOLOR_FORCE"])
def test_colour_can_be_forced_into_a_pipe(name):
    assert choose({name: "1"}, tty=False) == Look(Output.PLAIN, colour=True)


def test_no_color_wins_over_force_color():
    assert not wants_colour({"NO_COLOR": "1", "FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"}, tty=True)


def test_force_color_0_means_no_colour():
    assert not wants_colour({**TERMINAL, "FORCE_COLOR": "0"}, tty=True)


def test_json_is_json_wherever_it_goes():
    assert choose({**TERMINAL, "FORCE_COLOR": "1"}, tty=True, json=True) == Look(Output.JSON, colour=False)
