"""Gates, smoke test and hooks in ``rollout.toml``: what each field means, and what is refused."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rollout import config, durations
from rollout.config import ConfigError
from rollout.config.errors import Unfit
from rollout.config.file import parse
from rollout.config.values import limits, names, numbers
from rollout.model import (
    Absence,
    ExecGate,
    HttpProbe,
    Limit,
    ManualGate,
    OneShot,
    Operator,
    Options,
    PrometheusGate,
    StableGate,
    TcpGate,
)

ALL_KINDS = """
[[services.php.gates]]
kind = "tcp"
address = "[::1]:6379"
timeout = "1s"
every = "500ms"
successes = 2
failures = 4

[[services.php.gates]]
kind = "http"
url = "https://www.example.org/login"
method = "POST"
headers = { Host = "www.example.org" }
timeout = "2s"
expect_status = 303
expect_body = "Welcome, \\\\w+"
expect_headers = { Content-Type = "^text/html" }
error_budget = "1%"
p95 = "1.5x"
rate = 20
confidence = "99.99%"
version_header = "X-Version"

[[services.php.gates]]
kind = "exec"
command = "./check.sh --for 'a page'"

[[services.php.gates]]
kind = "prometheus"
url = "http://prometheus:9090"
query = "sum(rate(errors[1m]))"
operator = "<="
threshold = 0.5
absence = "pass"
headers = { Authorization = "Bearer x" }

[[services.php.gates]]
kind = "stable"
for = "45s"

[[services.php.gates]]
kind = "manual"
every_step = true
"""


def options(text: str) -> Options:
    file = parse(text, Path("rollout.toml"), "rollout.toml")
    return config.settings({}, {}, file, "php", {}, {}).options


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        options(text)
    (only,) = refused.value.problems
    return only


def gate(kind: str, rest: str) -> str:
    return f'[[services.php.gates]]\nkind = "{kind}"\n{rest}\n'


def test_every_kind_of_gate_is_understood_in_the_order_of_the_file():
    found = options(ALL_KINDS)
    assert found.probes == (
        HttpProbe(
            "https://www.example.org/login",
            expect_status=303,
            timeout=2.0,
            headers={"Host": "www.example.org"},
            method="POST",
            expect_body="Welcome, \\w+",
            expect_headers={"Content-Type": "^text/html"},
            rate=20.0,
            error_budget=Limit(0.01),
            p95=Limit(1.5, relative=True),
            confidence=0.9999,
            version_header="X-Version",
        ),
    )
    assert found.gates == (
        TcpGate("[::1]:6379", 1.0, 0.5, 2, 4),
        ExecGate(("./check.sh", "--for", "a page")),
        PrometheusGate(
            "http://prometheus:9090",
            "sum(rate(errors[1m]))",
            Operator.AT_MOST,
            0.5,
            Absence.PASS,
            {"Authorization": "Bearer x"},
        ),
        StableGate(45.0),
        ManualGate(every_step=True),
    )


def test_a_gate_that_only_names_its_kind_has_the_defaults():
    assert options(gate("stable", "")).gates == (StableGate(),)
    assert options(gate("manual", "")).gates == (ManualGate(),)


def test_limits_may_be_absolute_or_relative_to_the_baseline():
    strict = options(gate("http", 'url = "https://a"\nerror_budget = 0.02\np95 = "300ms"')).probes[0]
    related = options(gate("http", 'url = "https://a"\nerror_budget = "2x"\np95 = "1x"')).probes[0]
    assert (strict.error_budget, strict.p95) == (Limit(0.02), Limit(0.3))
    assert (related.error_budget, related.p95) == (Limit(2, relative=True), Limit(1, relative=True))


@pytest.mark.parametrize(
    ("kind", "line", "said"),
    [
        (
            "http",
            'method = "get"',
            'method in G is "get", not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
        ),
        (
            "http",
            'expect_body = "("',
            'expect_body in G is "(", '
            "not a regular expression: missing ), unterminated subpattern at position 0",
        ),
        (
            "http",
            'expect_body = ""',
            'expect_body in G is "", not a regular expression of 1 to 1000 characters',
        ),
        (
            "http",
            'expect_headers = { X-A = "*" }',
            "expect_headers in G is a table, "
            "but X-A in it is not a regular expression: nothing to repeat at position 0",
        ),
        (
            "http",
            'expect_headers = { "X A" = "a" }',
            "expect_headers in G is a table, but not every name in it is the name of a header",
        ),
        ("http", "rate = 0", "rate in G is 0, nothing at all: a rate is above 0"),
        ("http", "rate = inf", "rate in G is inf, not a number such as 2 or 0.5"),
        (
            "http",
            'error_budget = "100%"',
            'error_budget in G is "100%", out of range: a share is from 0% to below 100%',
        ),
        (
            "http",
            'error_budget = "some"',
            'error_budget in G is "some", not a share such as "1%", nor so many times the baseline as "2x"',
        ),
        (
            "http",
            'p95 = "0.5x"',
            'p95 in G is "0.5x", less than the baseline itself: a relative limit is at least 1x',
        ),
        (
            "http",
            "p95 = 300",
            'p95 in G is 300, a number without unit: did you mean "300s"?; '
            'relative to the baseline it would be "1.5x"',
        ),
        ("http", 'p95 = "0"', 'p95 in G is "0", no time at all: give a time such as "30s"'),
        (
            "http",
            'confidence = "100%"',
            'confidence in G is "100%", out of range: a confidence is between "90%" and "99.999%"',
        ),
        ("http", 'version_header = "a b"', 'version_header in G is "a b", not the name of a header'),
        ("tcp", 'address = "redis"', 'address in G is "redis", not a host and a port such as "redis:6379"'),
        (
            "tcp",
            'address = "r:65536"',
            'address in G is "r:65536", not a host and a port such as "redis:6379"',
        ),
        ("tcp", "successes = 0", "successes in G is 0, not a count from 1 to 1000"),
        (
            "exec",
            "command = 7",
            'command in G is 7, not a command such as "php artisan migrate", or an array of its words',
        ),
        ("exec", 'command = "echo \'a"', 'command in G is "echo \'a", but a quotation in it has no end'),
        (
            "exec",
            "command = []",
            "command in G is an array, empty: a command has at least the name of a program",
        ),
        (
            "exec",
            'command = "  "',
            'command in G is "  ", empty: a command has at least the name of a program',
        ),
        ("prometheus", 'operator = "below"', 'operator in G is "below", not one of <, <=, >, >=, ==, !='),
        ("prometheus", "threshold = nan", "threshold in G is nan, not a number such as 2 or 0.5"),
        (
            "prometheus",
            'absence = "passed"',
            'absence in G is "passed", not one of pass, fail, inconclusive: did you mean "pass"?',
        ),
        ("prometheus", 'query = " "', 'query in G is " ", not a text'),
        ("stable", "for = 30", 'for in G is 30, a number without unit: did you mean "30s"?'),
        ("stable", 'fro = "30s"', "unknown key fro in G: did you mean for?"),
        ("manual", 'every_step = "yes"', 'every_step in G is "yes", neither true nor false'),
    ],
)
def test_a_bad_field_says_what_would_be_right(kind: str, line: str, said: str):
    needed = {
        "http": ["url = 'https://a'"],
        "tcp": ["address = 'redis:1'"],
        "exec": ["command = 'x'"],
        "prometheus": ["url = 'http://a'", "query = 'up'", "operator = '<'", "threshold = 1"],
    }
    key = line.partition(" ")[0]
    missing = [other for other in needed.get(kind, []) if not other.startswith(key)]
    expected = said.replace(" in G", " in gate 1 of [services.php]")
    assert complaint(gate(kind, "\n".join([line, *missing]))) == f"rollout.toml, line 3: {expected}"


def test_an_answer_to_head_has_no_body_to_expect():
    said = complaint(gate("http", 'url = "https://a"\nmethod = "HEAD"\nexpect_body = "x"'))
    assert said == (
        "rollout.toml, line 1: gate 1 of [services.php] expects a body, but an answer to HEAD has none"
    )


def test_the_value_of_a_header_is_in_no_message():
    secret = (
        'url = "https://a"\nheaders = { Authorization = "s3cr3t\\n" }\nexpect_headers = { X-A = "s3cr3t(" }'
    )
    with pytest.raises(ConfigError) as refused:
        options(gate("http", secret))
    assert len(refused.value.problems) == 2
    assert "s3cr3t" not in refused.value.message


def test_the_smoke_test_and_the_hooks_are_understood():
    found = options("""
        [services.php.smoke]
        command = ["./smoke", "a page"]
        image = "registry.example.org/curl:8"

        [[services.php.before]]
        command = "php artisan migrate --force"
        timeout = "10m"

        [[services.php.before]]
        command = "./warm-up"

        [[services.php.after]]
        command = "./tell 'all is well'"

        [[services.php.on_rollback]]
        command = "./tell"
    """)
    assert found.smoke == OneShot(("./smoke", "a page"), "registry.example.org/curl:8", 60.0)
    assert found.before == (
        OneShot(("php", "artisan", "migrate", "--force"), timeout=600.0),
        OneShot(("./warm-up",), timeout=300.0),
    )
    assert found.after == (OneShot(("./tell", "all is well")),)
    assert found.on_rollback == (OneShot(("./tell",)),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[services.php]\nsmoke = "./smoke"',
            'line 2: smoke in [services.php] is "./smoke", not a table: write [services.php.smoke]',
        ),
        ("[services.php.smoke]", "line 1: [services.php.smoke] has no command, which a smoke test needs"),
        (
            '[services.php.smoke]\ncommand = "x"\ntimeout = "0"',
            'line 3: timeout in [services.php.smoke] is "0", no time at all: give a time such as "30s"',
        ),
        (
            '[services.php.smoke]\ncommand = "x"\nimage = "a b"',
            'line 3: image in [services.php.smoke] is "a b", '
            'not an image such as "registry.example.org/curl:8"',
        ),
        (
            '[services.php.before]\ncommand = "x"',
            "line 1: before in [services.php] is no array of tables: write [[services.php.before]]",
        ),
        (
            '[[services.php.after]]\ncommand = "x"\n[[services.php.after]]\ncomand = "x"\ncommand = "y"',
            "line 4: unknown key comand in after hook 2 of [services.php]: did you mean command?",
        ),
        (
            "[[services.php.on_rollback]]",
            "line 1: on_rollback hook 1 of [services.php] has no command, which a hook needs",
        ),
    ],
)
def test_a_bad_smoke_test_or_hook_is_named_with_its_line(text: str, said: str):
    assert complaint(text) == f"rollout.toml, {said}"


@hypothesis_settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1))
def test_a_command_is_read_again_as_it_is_written(words: list[str]):
    if words[0]:
        assert names.command(words) == names.command(names.COMMAND.show(tuple(words))) == tuple(words)


@hypothesis_settings(deadline=None)
@given(st.integers(0, 99_999_999))
def test_a_share_in_percent_means_the_same_as_its_number(millionths: int):
    percent = f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}%"
    assert limits.budget(percent) == Limit(millionths / 100_000_000)


@hypothesis_settings(deadline=None)
@given(st.integers(1, 10**12))
def test_a_limit_of_time_is_written_as_a_duration(nanoseconds: int):
    written = durations.format(nanoseconds / 1e9)
    assert limits.SLOWEST.show(limits.slowest(written)) == written


@hypothesis_settings(deadline=None)
@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.text()), st.none()))
def test_no_value_makes_a_parser_stumble(found: object):
    kinds = (limits.BUDGET, limits.SLOWEST, numbers.CONFIDENCE, numbers.NUMBER, numbers.RATE, numbers.SWITCH)
    for kind in (*kinds, numbers.COUNT, names.ADDRESS, names.COMMAND, names.IMAGE, names.TEXT):
        with suppress(Unfit):
            kind.show(kind.read(found))
