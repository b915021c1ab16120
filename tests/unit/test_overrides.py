"""What an image lacks, set in rollout.toml: read, refused where it is malformed, and put into the spec."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from unit.facts import SECOND, spec_of

from rollout import config, diff
from rollout.config import ConfigError, values
from rollout.config.errors import Unfit
from rollout.config.file import parse
from rollout.model import Healthcheck, Overrides
from rollout.overriding import overridden


def read(text: str) -> Overrides:
    file = parse(f"[services.php]\n{text}\n", Path("rollout.toml"), "rollout.toml")
    return config.settings({}, {}, file, "php", {}, {}).options.overrides


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as error:
        read(text)
    return error.value.message


def test_they_are_read_from_the_services_table():
    text = (
        'stop_signal = "quit"\nstop_grace_period = "40s"\n[services.php.healthcheck]\n'
        'test = ["CMD", "ping-fpm"]\ninterval = "5s"\ntimeout = "2s"\nretries = 4\nstart_period = "1m"'
    )
    check = Healthcheck(("CMD", "ping-fpm"), interval=5.0, timeout=2.0, retries=4, start_period=60.0)
    assert read(text) == Overrides(check, "SIGQUIT", 40.0)


def test_a_test_that_is_a_text_is_read_by_a_shell_as_in_a_compose_file():
    assert read('[services.php.healthcheck]\ntest = "curl -f localhost || exit 1"').healthcheck.test == (
        "CMD-SHELL",
        "curl -f localhost || exit 1",
    )


def test_nothing_is_set_where_nothing_is_written():
    assert read('batch = "1"') == Overrides()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'stop_signal = "SIGQUITE"',
            'stop_signal in [services.php] is "SIGQUITE", not a signal such as SIGQUIT',
        ),
        ("stop_signal = 3", "stop_signal in [services.php] is 3, not a signal"),
        ("stop_grace_period = 40", "stop_grace_period in [services.php] is 40"),
        ('stop_grace_period = "-1s"', "stop_grace_period in [services.php]"),
        ('healthcheck = "curl"', "write [services.php.healthcheck]"),
        ("[services.php.healthcheck]", "[services.php.healthcheck] sets nothing"),
        ('[services.php.healthcheck]\ntest = ["curl", "-f"]', "begins with one of CMD, CMD-SHELL, NONE"),
        ('[services.php.healthcheck]\ntest = ["CMD"]', "incomplete"),
        ('[services.php.healthcheck]\ntest = ["NONE", "x"]', "incomplete"),
        ('[services.php.healthcheck]\ntest = ""', "incomplete"),
        ("[services.php.healthcheck]\nretries = 0", "not a count from 1 to 100"),
        ('[services.php.healthcheck]\ninterval = "0s"', "no time at all"),
        ('[services.php.healthcheck]\nstart_interval = "1s"', "unknown key start_interval"),
    ],
)
def test_what_is_malformed_is_refused_and_said(text: str, said: str):
    assert said in complaint(text)


@pytest.mark.parametrize("line", ['stop_signal = "SIGQUIT"', "[defaults.healthcheck]\nretries = 3"])
def test_they_belong_to_a_service(line: str):
    with pytest.raises(ConfigError, match="belongs to a service"):
        parse(f"[defaults]\n{line}\n", Path("rollout.toml"), "rollout.toml")


def test_unknown_codes_are_refused():
    assert 'did you mean "no-probe"?' in complaint('ignore_checks = ["no-prob"]')


@pytest.mark.parametrize("given", ['["no-probe", "mutable-tag"]', '"no-probe,mutable-tag"'])
def test_codes_are_an_array_or_a_text(given: str):
    file = parse(f"[services.php]\nignore_checks = {given}\n", Path("rollout.toml"), "rollout.toml")
    assert config.settings({}, {}, file, "php", {}, {}).options.ignore_checks == ("no-probe", "mutable-tag")


def test_codes_on_the_command_line_replace_those_in_the_file():
    file = parse('[services.php]\nignore_checks = ["no-probe"]\n', Path("rollout.toml"), "rollout.toml")
    flags = {"ignore_checks": ["mutable-tag,stop-signal"]}
    assert config.settings(flags, {}, file, "php", {}, {}).options.ignore_checks == (
        "mutable-tag",
        "stop-signal",
    )


FULL = Overrides(Healthcheck(("CMD", "ping"), interval=5.0, retries=3), "SIGQUIT", 40.5)


def test_they_come_into_the_spec_as_the_engine_has_them():
    assert overridden(spec_of(), FULL)["TaskTemplate"]["ContainerSpec"] == {
        "Image": spec_of()["TaskTemplate"]["ContainerSpec"]["Image"],
        "StopSignal": "SIGQUIT",
        "StopGracePeriod": 40_500_000_000,
        "Healthcheck": {"Test": ["CMD", "ping"], "Interval": 5 * SECOND, "Retries": 3},
    }


def test_of_a_health_check_only_what_is_set_is_changed():
    own = spec_of(Healthcheck={"Test": ["CMD", "own"], "Interval": 9 * SECOND, "StartPeriod": SECOND})
    made = overridden(own, Overrides(Healthcheck(interval=5.0)))
    assert made["TaskTemplate"]["ContainerSpec"]["Healthcheck"] == {
        "Test": ["CMD", "own"],
        "Interval": 5 * SECOND,
        "StartPeriod": SECOND,
    }


def test_no_overrides_change_nothing_and_the_same_ones_twice_no_more_than_once():
    given = spec_of()
    before = copy.deepcopy(given)
    assert overridden(given, Overrides()) is given
    once = overridden(given, FULL)
    assert overridden(once, FULL) == once
    assert given == before


def test_a_grace_period_of_nothing_is_one():
    assert (
        overridden(spec_of(), Overrides(stop_grace_period=0.0))["TaskTemplate"]["ContainerSpec"][
            "StopGracePeriod"
        ]
        == 0
    )


def test_the_plan_shows_them_as_people_write_them():
    shown = {
        change.path.rpartition(".")[2]: change.after
        for change in diff.changes(spec_of(), overridden(spec_of(), FULL))
    }
    assert shown == {
        "StopSignal": "SIGQUIT",
        "StopGracePeriod": "40.5s",
        "Test": '["CMD", "ping"]',
        "Interval": "5s",
        "Retries": "3",
    }


@pytest.mark.parametrize(
    ("typed", "near"), [("SIGFOO", None), ("SIGQUITE", "SIGQUIT"), ("TREM", "SIGTERM"), ("", None)]
)
def test_a_signal_is_suggested_only_where_it_is_near(typed: str, near: str | None):
    with pytest.raises(Unfit) as unfit:
        values.SIGNAL.read(typed)
    assert unfit.value.reason.endswith(f"did you mean {near}?" if near else "such as SIGQUIT")
