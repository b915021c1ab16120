"""What a user sees of ``rollout.toml``: where it is found, what it says, and every mistake with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rollout import config
from rollout.config import ConfigError, ConfigFile
from rollout.errors import ExitCode
from rollout.model import Batch, HttpProbe, OnFailure, Order

EXAMPLE = """
[connection]
host = "ssh://deploy@manager"

[defaults]
min_ready = "1m30s"
bake = 0

[services.php]
service = "site_php"
strategy = "rolling"
batch = "25%"
order = "start-first"
on_failure = "hold"

[[services.php.gates]]
kind = "http"
url = "https://www.example.org/health"
expect_status = 204
timeout = "2s"
headers = { Host = "www.example.org" }

[[services.php.gates]]
kind = "http"
url = "https://www.example.org/login"

[services.nginx]
batch = 2
"""

KINDS = '"http", "tcp", "exec", "prometheus", "stable", "manual"'


def file_with(folder: Path, text: str) -> ConfigFile:
    (folder / "rollout.toml").write_text(text, encoding="utf-8")
    found = config.load_file(folder, None)
    assert found is not None
    return found


def complaints(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        file_with(folder, text)
    return refused.value.problems


def complaint(folder: Path, text: str) -> str:
    (only,) = complaints(folder, text)
    return only


def test_the_nearest_file_upwards_is_read(tmp_path: Path):
    deep = tmp_path / "app" / "public"
    deep.mkdir(parents=True)
    (tmp_path / "rollout.toml").write_text("[services.far]", encoding="utf-8")
    file_with(tmp_path / "app", "[services.near]")
    found = config.load_file(deep, None)
    assert found is not None
    assert found.names == ("near",)


def test_without_a_file_there_is_none(tmp_path: Path):
    assert config.load_file(tmp_path, None) is None


def test_a_named_file_is_read_and_no_other(tmp_path: Path):
    file_with(tmp_path, "[services.here]")
    named = tmp_path / "other.toml"
    named.write_text("[services.there]", encoding="utf-8")
    found = config.load_file(tmp_path, named)
    assert found is not None
    assert found.names == ("there",)


def test_the_flag_names_the_file_before_the_variable_does():
    environ = {"ROLLOUT_CONFIG": "variable.toml"}
    assert config.explicit_path(Path("flag.toml"), environ) == Path("flag.toml")
    assert config.explicit_path(None, environ) == Path("variable.toml")
    assert config.explicit_path(None, {"ROLLOUT_CONFIG": ""}) is None


def test_a_named_file_that_is_missing_is_an_error_with_a_hint(tmp_path: Path):
    with pytest.raises(ConfigError) as refused:
        config.load_file(tmp_path, Path("gone.toml"))
    assert refused.value.message == "gone.toml cannot be read: no such file or directory"
    assert refused.value.hint == (
        "--config and ROLLOUT_CONFIG name a file; without them the nearest rollout.toml is read"
    )
    assert refused.value.exit_code == ExitCode.USAGE


def test_every_table_of_a_file_is_understood(tmp_path: Path):
    file = file_with(tmp_path, EXAMPLE)
    php = file.service_named("php")
    assert php is not None
    assert file.host == "ssh://deploy@manager"
    assert {option: setting.value for option, setting in file.defaults.items()} == {
        "min_ready": 90.0,
        "bake": 0.0,
    }
    assert {option: setting.value for option, setting in php.layer.items()} == {
        "strategy": "rolling",
        "batch": Batch(25, percent=True),
        "order": Order.START_FIRST,
        "on_failure": OnFailure.HOLD,
        "probes": (
            HttpProbe("https://www.example.org/health", 204, 2.0, {"Host": "www.example.org"}),
            HttpProbe("https://www.example.org/login"),
        ),
    }


def test_a_service_goes_by_its_table_or_by_its_name_in_the_swarm(tmp_path: Path):
    file = file_with(tmp_path, EXAMPLE)
    php = file.service_named("php")
    assert php is not None
    assert php.service == "site_php"
    assert file.service_named("site_php") is php
    nginx = file.service_named("nginx")
    assert nginx is not None
    assert nginx.service == "nginx"
    assert file.service_named("redis") is None
    assert file.names == ("php", "nginx")


def test_a_limit_is_named_together_with_the_other_mistakes(tmp_path: Path):
    text = '[notify]\ntimeout = "31s"\nurl = "x"\n[services.php.healthcheck]\nretrys = 3\n'
    said = " ".join(complaints(tmp_path, text))
    assert "[notify] has a timeout above 30s" in said
    assert "unknown key url in [notify]" in said
    assert "unknown key retrys" in said
    assert "sets nothing" not in said


def test_all_mistakes_are_named_at_once_in_the_order_of_their_lines(tmp_path: Path):
    text = '[defaults]\nmin_redy = "3s"\n\n[services.php]\norder = "start_first"\ndeadline = 30\n'
    assert complaints(tmp_path, text) == (
        "rollout.toml, line 2: unknown key min_redy in [defaults]: did you mean min_ready?",
        'rollout.toml, line 5: order in [services.php] is "start_first", '
        'not one of start-first, stop-first: did you mean "start-first"?',
        'rollout.toml, line 6: deadline in [services.php] is 30, a number without unit: did you mean "30s"?',
    )


def test_the_message_has_one_mistake_a_line(tmp_path: Path):
    with pytest.raises(ConfigError) as refused:
        file_with(tmp_path, "[defaults]\nbatch = 0\nbake = true\n")
    assert refused.value.message.splitlines() == [
        "rollout.toml, line 2: batch in [defaults] is 0, too few: a batch is at least 1",
        'rollout.toml, line 3: bake in [defaults] is true, not a duration such as "30s"',
    ]


def test_a_file_further_up_is_named_by_the_way_to_it(tmp_path: Path):
    deep = tmp_path / "app"
    deep.mkdir()
    (tmp_path / "rollout.toml").write_text("[defaults]\nbatch = 0\n", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        config.load_file(deep, None)
    assert refused.value.message.startswith(f"..{os.sep}rollout.toml, line 2: ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("batch = -1", "batch in [defaults] is -1, too few: a batch is at least 1"),
        ("batch = true", 'batch in [defaults] is true, not a count such as 2 or a share such as "25%"'),
        ("batch = 1.5", 'batch in [defaults] is 1.5, not a count such as 2 or a share such as "25%"'),
        ('batch = "101%"', 'batch in [defaults] is "101%", out of range: a share is between 1% and 100%'),
        ('batch = "0%"', 'batch in [defaults] is "0%", out of range: a share is between 1% and 100%'),
        (
            'deadline = "-1s"',
            'deadline in [defaults] is "-1s", less than nothing: give a time such as "30s"',
        ),
        ('bake = "-5s"', 'bake in [defaults] is "-5s", less than nothing: a time is 0 or longer'),
        (
            'start_timeout = "0"',
            'start_timeout in [defaults] is "0", no time at all: give a time such as "30s"',
        ),
        ('on_failure = "pause"', 'on_failure in [defaults] is "pause", not one of rollback, hold'),
        (
            'strategy = "two words"',
            'strategy in [defaults] is "two words", '
            "not a name of letters, digits, dots, dashes and underscores",
        ),
        ("min_ready = []", 'min_ready in [defaults] is an array, not a duration such as "30s"'),
        (
            "gates = []",
            "unknown key gates in [defaults]: gates belong to a service, as [[services.NAME.gates]]",
        ),
        (
            "smoke = {}",
            "unknown key smoke in [defaults]: a smoke test belongs to a service, as [services.NAME.smoke]",
        ),
        (
            "before = []",
            "unknown key before in [defaults]: hooks belong to a service, as [[services.NAME.before]]",
        ),
        ('on_stuck = "wait"', 'on_stuck in [defaults] is "wait", not one of hold, rollback'),
        ("fast_health = 1", "fast_health in [defaults] is 1, neither true nor false"),
        (
            "impact_rate = 101",
            "impact_rate in [defaults] is 101, "
            "out of range: a rate of 0 switches it off, and it is at most 100",
        ),
        (
            "impact_rate = -0.5",
            "impact_rate in [defaults] is -0.5, "
            "out of range: a rate of 0 switches it off, and it is at most 100",
        ),
        ("impact_rate = nan", "impact_rate in [defaults] is nan, not a number such as 2 or 0.5"),
        (
            'gate_timeout = "0"',
            'gate_timeout in [defaults] is "0", no time at all: give a time such as "30s"',
        ),
        (
            "colour = 1",
            "unknown key colour in [defaults]: known are "
            "strategy, batch, stages, pause, rest, order, min_ready, bake, fast_health, prepull, "
            "impact_rate, ignore_checks, strict, on_failure, on_stuck, on_interrupt, "
            "start_timeout, gate_timeout, progress_timeout, rollback_timeout, deadline, keep",
        ),
    ],
)
def test_a_bad_setting_says_what_would_be_right(tmp_path: Path, line: str, said: str):
    assert complaint(tmp_path, f"[defaults]\n{line}\n") == f"rollout.toml, line 2: {said}"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            'url = "ftp://example.org"',
            'url in gate 1 of [services.php] is "ftp://example.org", '
            "not a URL that begins with http:// or https://",
        ),
        (
            'url = "https://:99999/"',
            'url in gate 1 of [services.php] is "https://:99999/", '
            "not a URL with a host and, if any, a port from 1 to 65535",
        ),
        (
            'url = "https://u:secret@example.org"',
            'url in gate 1 of [services.php] is "https://…@example.org", '
            "a URL with credentials: give them as headers of a gate, [[services.NAME.gates]]",
        ),
        (
            'url = "https://example.org/a b"',
            'url in gate 1 of [services.php] is "https://example.org/a b", '
            "not a URL: spaces, control and non-ASCII characters have to be percent-encoded",
        ),
        (
            'url = "https://example.org"\nexpect_status = 99',
            "expect_status in gate 1 of [services.php] is 99, not an HTTP status from 100 to 599",
        ),
        (
            'url = "https://example.org"\nheaders = { Authorization = "secret\\nX: y" }',
            "headers in gate 1 of [services.php] is a table, "
            "but not every value in it is text of one line in ASCII",
        ),
        ('uri = "https://example.org"\nurl = "https://example.org"', None),
    ],
)
def test_a_bad_gate_says_what_would_be_right(tmp_path: Path, line: str, said: str | None):
    found = complaint(tmp_path, f'[services.php]\n[[services.php.gates]]\nkind = "http"\n{line}\n')
    number = 5 if "\n" in line and said else 4
    said = said or "unknown key uri in gate 1 of [services.php]: did you mean url?"
    assert found == f"rollout.toml, line {number}: {said}"


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ('url = "https://a"', f"line 1: gate 1 of [services.php] has no kind: give it one of {KINDS}"),
        ('kind = "udp"', f'line 2: kind in gate 1 of [services.php] is "udp", not one of {KINDS}'),
        ('kind = "tcp"', 'line 1: gate 1 of [services.php] has no address, which kind "tcp" needs'),
        ('kind = "http"', 'line 1: gate 1 of [services.php] has no url, which kind "http" needs'),
    ],
)
def test_a_gate_has_a_known_kind_and_what_the_kind_needs(tmp_path: Path, gate: str, said: str):
    assert complaint(tmp_path, f"[[services.php.gates]]\n{gate}\n") == f"rollout.toml, {said}"


def test_gates_that_are_no_array_of_tables_are_refused(tmp_path: Path):
    assert complaint(tmp_path, '[services.php]\ngates = "https://a"\n') == (
        "rollout.toml, line 2: gates in [services.php] is no array of tables: write [[services.php.gates]]"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("batch = 2", "line 1: batch is in no table: move it below [defaults] or [services.NAME]"),
        ("[service.php]", "line 1: unknown table [service]: did you mean [services]?"),
        (
            "[x]",
            "line 1: unknown table [x]: known are [connection], [defaults], [notify], [services], [watch]",
        ),
        ("defaults = 3", "line 1: defaults is 3, not a table: write [defaults]"),
        ("[services]\nbatch = 2", "line 2: services.batch is 2, not a table: write [services.batch]"),
        ("[connection]\nhots = 1", "line 2: unknown key hots in [connection]: did you mean hosts?"),
        (
            '[connection]\nhost = "ssh://a"\nhosts = ["ssh://b"]',
            "line 3: [connection] has both host and hosts: keep one of them",
        ),
        (
            '[connection]\nhost = "manager"',
            'line 2: host in [connection] is "manager", '
            'not an address such as "ssh://deploy@manager" or "unix:///var/run/docker.sock"',
        ),
        (
            '[services.a]\nservice = "s_a"\n[services.s_a]',
            "line 3: [services.s_a] is for the service s_a, and so is [services.a]: keep one of them",
        ),
        (
            '[services.a]\nservice = ""',
            'line 2: service in [services.a] is "", not the name of a service',
        ),
    ],
)
def test_what_is_out_of_place_is_told_where_it_belongs(tmp_path: Path, text: str, said: str):
    assert complaint(tmp_path, text) == f"rollout.toml, {said}"


def test_text_that_is_no_toml_is_named_with_its_line(tmp_path: Path):
    assert complaint(tmp_path, "[defaults]\nbatch 2\n") == (
        "rollout.toml, line 2: not TOML from column 7 on: Expected '=' after a key in a key/value pair"
    )


def test_a_file_that_is_no_text_is_refused_in_words(tmp_path: Path):
    path = tmp_path / "rollout.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError) as refused:
        config.load_file(tmp_path, path)
    assert refused.value.message == f"{path} is not UTF-8 text, as TOML has to be"


def test_the_engine_is_named_by_flag_then_variable_then_file(tmp_path: Path):
    file = file_with(tmp_path, '[connection]\nhost = "ssh://file"\n')
    environ = {"ROLLOUT_HOST": "ssh://variable"}
    assert config.host("ssh://flag", environ, file) == "ssh://flag"
    assert config.host(None, environ, file) == "ssh://variable"
    assert config.host(None, {}, file) == "ssh://file"
    assert config.host(None, {}, None) is None
    origins = [config.host(*asked, file).origin for asked in (("ssh://f", {}), (None, environ), (None, {}))]
    assert origins == ["--host", "ROLLOUT_HOST", "rollout.toml"]
    with pytest.raises(ConfigError) as refused:
        config.host("manager", environ, file)
    assert refused.value.message.startswith(
        '--host is "manager", not an address such as "ssh://deploy@manager"'
    )
