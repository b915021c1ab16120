"""Flags, variables, labels and update_config: what each is taken for, and how a bad one is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from builders import spec_of
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rollout import config, pacing
from rollout.config import ConfigError, Settings
from rollout.model import Batch, HttpProbe, OnFailure, OnStuck, Options, Order

SPEC = {"Name": "s_php"}


def settings(
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    update_config: Mapping[str, Any] | None = None,
) -> Settings:
    return config.settings(
        flags or {}, environ or {}, None, "php", labels or {}, SPEC | {"UpdateConfig": update_config}
    )


def complaint(**sources: Any) -> str:
    with pytest.raises(ConfigError) as refused:
        settings(**sources)
    return refused.value.message


def test_where_nobody_says_anything_the_defaults_hold():
    found = settings()
    assert found.options == Options()
    assert set(found.origin.values()) == {"default"}


def test_flags_may_be_text_or_the_value_itself():
    as_text = settings(
        {"batch": "25%", "order": "stop-first", "bake": "1m", "probe": ["https://a", "https://b"]}
    )
    as_values = settings(
        {
            "batch": Batch(25, percent=True),
            "order": Order.STOP_FIRST,
            "bake": 60.0,
            "probe": (HttpProbe("https://a"), HttpProbe("https://b")),
        }
    )
    assert as_text == as_values
    assert as_text.options.probes == (HttpProbe("https://a"), HttpProbe("https://b"))


def test_flags_that_were_not_given_say_nothing():
    flags = {"batch": None, "probe": []}
    environ = {"ROLLOUT_PROBE": "https://a"}
    assert settings(flags, environ).options == Options(probes=(HttpProbe("https://a"),))


def test_variables_and_labels_are_named_after_the_key():
    environ = {"ROLLOUT_MIN_READY": "30s", "ROLLOUT_PROBE": "https://a, https://b"}
    labels = {"rollout.on_failure": "hold", "rollout.batch": "2", "com.docker.stack.namespace": "s"}
    found = settings(environ=environ, labels=labels)
    assert found.options == Options(
        batch=Batch(2),
        min_ready=30,
        on_failure=OnFailure.HOLD,
        probes=(HttpProbe("https://a"), HttpProbe("https://b")),
    )
    assert found.origin["min_ready"] == "ROLLOUT_MIN_READY"
    assert found.origin["on_failure"] == "label rollout.on_failure"


def test_switches_and_rates_may_be_text():
    labels = {"rollout.fast_health": "false", "rollout.impact_rate": "0"}
    found = settings(environ={"ROLLOUT_IMPACT_RATE": "2.5", "ROLLOUT_ON_STUCK": "rollback"}, labels=labels)
    assert found.options == Options(fast_health=False, impact_rate=2.5, on_stuck=OnStuck.ROLLBACK)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_switch_on_the_command_line_is_heard_both_ways(wanted: bool):
    found = settings({"fast_health": wanted}, labels={"rollout.fast_health": "true"})
    assert (found.options.fast_health, found.origin["fast_health"]) == (wanted, "--fast-health")


def test_what_is_neither_true_nor_false_is_refused():
    assert complaint(environ={"ROLLOUT_FAST_HEALTH": "yes"}) == (
        'environment variable ROLLOUT_FAST_HEALTH is "yes", neither true nor false'
    )


def test_an_empty_variable_is_not_set():
    assert settings(environ={"ROLLOUT_BATCH": ""}).options == Options()


def test_a_bad_flag_is_named_as_it_was_typed():
    assert complaint(flags={"min_ready": "30"}) == (
        '--min-ready is "30", a number without unit: did you mean "30s"?'
    )


def test_a_bad_variable_is_named():
    assert complaint(environ={"ROLLOUT_MIN_READY": "soon"}) == (
        'environment variable ROLLOUT_MIN_READY is "soon", not a duration such as "30s", "1m30s" or "500ms"'
    )


def test_a_bad_label_is_named_with_its_service():
    assert complaint(labels={"rollout.min_ready": "30"}) == (
        'label rollout.min_ready of service s_php is "30", a number without unit: did you mean "30s"?'
    )


def test_an_unknown_label_is_answered_with_the_nearest_known_one():
    assert complaint(labels={"rollout.min-ready": "30s"}) == (
        "label rollout.min-ready of service s_php is unknown: did you mean rollout.min_ready?"
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("MIN_REDY", "MIN_READY"),
        ("BACTH", "BATCH"),
        ("BAEK", "BAKE"),
        ("PORBE", "PROBE"),
        ("KEPE", "KEEP"),
        ("HSOT", "HOST"),
    ],
)
def test_a_misspelt_variable_is_answered_with_the_one_that_was_meant(typed: str, meant: str):
    assert complaint(environ={f"ROLLOUT_{typed}": "30s"}) == (
        f"environment variable ROLLOUT_{typed} is unknown: did you mean ROLLOUT_{meant}?"
    )


@pytest.mark.parametrize(
    "name", ["ROLLOUT_LAB", "ROLLOUT_PIPELINE", "ROLLOUT_DEBUG", "ROLLOUT_BASE", "ROLLOUT_"]
)
def test_variables_of_others_are_left_alone(name: str):
    assert settings(environ={name: "1"}).options == Options()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"probe": ["ftp://x"]}, '--probe is "ftp://x", not a URL that begins with http:// or https://'),
        ({"probe": ["http://a", "ftp://x"]}, '--probe has "ftp://x", not a URL that begins'),
        ({"ignore_checks": ["no-prob"]}, '--ignore-checks is "no-prob", not one of'),
        ({"ignore_checks": ["mutable-tag,no-prob"]}, 'did you mean "no-probe"?'),
        ({"stages": "1,x"}, '--stages has "x", not a count'),
    ],
)
def test_of_several_values_the_one_is_shown_that_is_wrong(flags: dict, said: str):
    assert said in complaint(flags=flags)


def test_one_bad_url_of_several_is_enough():
    assert complaint(labels={"rollout.probe": "https://a,ftp://b"}) == (
        'label rollout.probe of service s_php has "ftp://b", not a URL that begins with http:// or https://'
    )


def test_all_sources_are_complained_of_together():
    found = complaint(
        flags={"batch": "0"}, environ={"ROLLOUT_BAKE": "5"}, labels={"rollout.order": "sideways"}
    )
    assert found.splitlines() == [
        '--batch is "0", too few: a batch is at least 1',
        'environment variable ROLLOUT_BAKE is "5", a number without unit: did you mean "5s"?',
        'label rollout.order of service s_php is "sideways", not one of start-first, stop-first',
    ]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"batch": Batch(0)}, "--batch is 0, too few: a batch is at least 1"),
        (
            {"batch": Batch(200, percent=True)},
            "--batch is 200%, out of range: a share is between 1% and 100%",
        ),
        ({"bake": -1.0}, "--bake is -1.0, less than nothing: a time is 0 or longer"),
        ({"start_timeout": 0.0}, '--start-timeout is 0.0, no time at all: give a time such as "30s"'),
        ({"min_ready": float("nan")}, "--min-ready is nan, less than nothing: a time is 0 or longer"),
    ],
)
def test_values_that_need_no_parsing_are_checked_all_the_same(flags: dict[str, object], said: str):
    assert complaint(flags=flags) == said


def test_a_password_in_a_url_is_not_repeated():
    said = complaint(environ={"ROLLOUT_PROBE": "https://user:p@ss@example.org/"})
    assert said.startswith(
        'environment variable ROLLOUT_PROBE is "https://…@example.org/", a URL with credentials'
    )


@hypothesis_settings(deadline=None)
@given(st.dictionaries(st.text(), st.text()))
def test_whatever_a_label_holds_the_message_is_short_and_printable(extra: dict[str, str]):
    labels = {f"rollout.{name}": text for name, text in extra.items()} | {
        "rollout.bake": "\x1b[2J" + "x" * 9000
    }
    said = complaint(labels=labels)
    assert len(said) < 21 * 300
    assert all(char == "\n" or char.isprintable() for char in said)


def test_an_escape_sequence_in_a_label_does_not_reach_the_terminal():
    assert complaint(labels={"rollout.order": "\x1b[31mred\u202e\n"}) == (
        'label rollout.order of service s_php is "[31mred", not one of start-first, stop-first'
    )


def test_a_flood_of_bad_labels_is_cut_short():
    said = complaint(labels={f"rollout.x{n}": "" for n in range(1000)}).splitlines()
    assert len(said) == 21
    assert said[-1] == "and 980 more problems"


def test_update_config_is_heard_where_its_owner_must_have_meant_it():
    found = settings(
        update_config={"Parallelism": 2, "Order": "start-first", "FailureAction": "rollback", "Monitor": 5}
    )
    assert found.options == Options(batch=Batch(2), order=Order.START_FIRST, on_failure=OnFailure.ROLLBACK)
    heard = {option for option, origin in found.origin.items() if origin == "update_config"}
    assert heard == {"batch", "order", "on_failure"}


@pytest.mark.parametrize("action", ["pause", "continue"])
def test_swarms_other_failure_actions_do_not_switch_the_rollback_off(action: str):
    found = settings(update_config={"Parallelism": 1, "FailureAction": action})
    assert (found.options.on_failure, found.origin["on_failure"]) == (OnFailure.ROLLBACK, "default")


def test_stop_first_is_taken_at_its_word():
    found = settings(update_config={"Parallelism": 1, "Order": "stop-first", "FailureAction": "pause"})
    assert found.options.order == Order.STOP_FIRST


@pytest.mark.parametrize("update_config", [None, {}, {"Parallelism": 0, "Order": ""}])
def test_all_at_once_and_nothing_at_all_are_no_wishes(update_config: dict[str, object] | None):
    assert settings(update_config=update_config).options == Options()


def test_the_update_config_of_our_own_releases_says_nothing():
    released = pacing.released(spec_of(), 3, Order.STOP_FIRST, 1)
    assert config.settings({}, {}, None, "php", {}, released).options == Options()
