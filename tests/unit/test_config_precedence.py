"""Who wins: flags, environment, the service's table, the defaults, labels, update_config, built-in values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rollout import config, durations
from rollout.config import ConfigError, Setting, Settings
from rollout.config.file import parse
from rollout.config.layers import OPTIONS
from rollout.model import Batch, OneShot, Options, TcpGate

ORIGINS = (
    ("flag", "--batch"),
    ("variable", "ROLLOUT_BATCH"),
    ("service", "rollout.toml [services.php]"),
    ("defaults", "rollout.toml [defaults]"),
    ("label", "label rollout.batch"),
    ("swarm", "update_config"),
)
SOURCES = tuple(source for source, _ in ORIGINS)


def settings_with_batch(batch: dict[str, int]) -> Settings:
    """Settings where the sources named wish for a batch."""
    tables = {"defaults": "defaults", "service": "services.php"}
    text = "".join(f"[{table}]\nbatch = {batch[name]}\n" for name, table in tables.items() if name in batch)
    return config.settings(
        {"batch": str(batch["flag"])} if "flag" in batch else {},
        {"ROLLOUT_BATCH": str(batch["variable"])} if "variable" in batch else {},
        parse(text, Path("rollout.toml"), "rollout.toml"),
        "php",
        {"rollout.batch": str(batch["label"])} if "label" in batch else {},
        {"UpdateConfig": {"Parallelism": batch["swarm"]}} if "swarm" in batch else {},
    )


@hypothesis_settings(deadline=None)
@given(st.dictionaries(st.sampled_from(SOURCES), st.integers(1, 99)))
def test_the_strongest_source_that_says_something_wins(batch: dict[str, int]):
    found = settings_with_batch(batch)
    strongest = next(((source, origin) for source, origin in ORIGINS if source in batch), None)
    if strongest is None:
        assert (found.options, found.origin["batch"]) == (Options(), "default")
    else:
        assert found.options.batch == Batch(batch[strongest[0]])
        assert found.origin["batch"] == strongest[1]


LAYERS = st.lists(st.dictionaries(st.sampled_from(OPTIONS), st.just("")), max_size=7)


@hypothesis_settings(deadline=None)
@given(LAYERS)
def test_each_setting_is_decided_on_its_own(shapes: list[dict[str, str]]):
    layers = [
        {option: Setting(getattr(Options(), option), f"layer {number}") for option in shape}
        for number, shape in enumerate(shapes)
    ]
    found = config.resolve(layers)
    for option, origin in found.origin.items():
        saying = [number for number, layer in enumerate(layers) if option in layer]
        assert origin == (f"layer {saying[0]}" if saying else "default")


def test_the_table_of_another_service_says_nothing():
    file = parse("[services.nginx]\nbatch = 9\n", Path("rollout.toml"), "rollout.toml")
    assert config.settings({}, {}, file, "php", {}, {}).options == Options()


def test_gates_of_a_stronger_source_replace_those_of_a_weaker_one():
    text = '[[services.php.gates]]\nkind = "http"\nurl = "https://file"\n'
    file = parse(text, Path("rollout.toml"), "rollout.toml")
    labels = {"rollout.probe": "https://label"}
    by_file = config.settings({}, {}, file, "php", labels, {})
    by_flag = config.settings({"probe": ["https://flag"]}, {}, file, "php", labels, {})
    assert [probe.url for probe in by_file.options.probes] == ["https://file"]
    assert by_file.origin["probes"] == "rollout.toml [services.php]"
    assert [probe.url for probe in by_flag.options.probes] == ["https://flag"]


GUARDED = """
[[services.php.gates]]
kind = "tcp"
address = "redis:6379"

[services.php.smoke]
command = "./smoke"

[[services.php.before]]
command = "./migrate"

[[services.php.on_rollback]]
command = "./tell"
"""


def test_a_probe_of_a_stronger_source_leaves_the_other_gates_alone():
    file = parse(GUARDED, Path("rollout.toml"), "rollout.toml")
    options = config.settings({"probe": ["https://flag"]}, {}, file, "php", {}, {}).options
    assert [probe.url for probe in options.probes] == ["https://flag"]
    assert options.gates == (TcpGate("redis:6379"),)


def test_a_flag_leaves_the_smoke_test_out_and_says_so():
    file = parse(GUARDED, Path("rollout.toml"), "rollout.toml")
    found = config.settings({"no_smoke": True, "no_hooks": False}, {}, file, "php", {}, {})
    assert found.options.smoke is None
    assert found.origin["smoke"] == "--no-smoke"
    assert found.options.before == (OneShot(("./migrate",)),)


def test_a_flag_leaves_all_hooks_out_and_nothing_else():
    file = parse(GUARDED, Path("rollout.toml"), "rollout.toml")
    options = config.settings({"no_hooks": True}, {}, file, "php", {}, {}).options
    assert (options.before, options.after, options.on_rollback) == ((), (), ())
    assert options.smoke is not None
    assert options.gates


def test_a_deadline_shorter_than_the_start_timeout_is_refused_with_both_origins():
    with pytest.raises(ConfigError) as refused:
        config.settings({"deadline": "1m"}, {}, None, "php", {"rollout.start_timeout": "5m"}, {})
    assert refused.value.message == (
        "deadline is 1m (--deadline), shorter than start_timeout, which is 5m (label rollout.start_timeout): "
        "give a longer deadline or a shorter start_timeout"
    )


def test_a_deadline_that_ends_before_a_release_can_have_proved_itself_is_refused():
    with pytest.raises(ConfigError) as refused:
        config.settings({"bake": "1000h"}, {}, None, "php", {}, {})
    assert refused.value.message == (
        "deadline is 30m (default), shorter than bake and min_ready together, which are 1000h (--bake) and "
        "5s (default): give a longer deadline or a shorter bake"
    )


def test_waiting_for_less_than_a_start_takes_is_refused_too():
    with pytest.raises(ConfigError) as refused:
        config.settings({"start_timeout": "15m"}, {}, None, "php", {}, {})
    assert refused.value.message == (
        "progress_timeout is 10m (default), shorter than start_timeout, which is 15m (--start-timeout): "
        "give a longer progress_timeout or a shorter start_timeout"
    )


@hypothesis_settings(deadline=None)
@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_no_settings_come_out_with_a_deadline_below_the_start_timeout(deadline: int, start_timeout: int):
    flags = {
        "deadline": durations.format(deadline),
        "start_timeout": durations.format(start_timeout),
        "progress_timeout": "10000s",
        "bake": "0",
        "min_ready": "0",
    }
    try:
        options = config.settings(flags, {}, None, "php", {}, {}).options
    except ConfigError:
        assert deadline < start_timeout
    else:
        assert (options.deadline, options.start_timeout) == (deadline, start_timeout)
        assert deadline >= start_timeout
