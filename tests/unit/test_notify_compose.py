"""What a person or a program is told of a deployment."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from unit.render_scenes import CAUSE, NEW, OLD, agrees_with_golden, plan
from unit.test_render_outcome import ABORTED, DEPLOYED, FAILED, HELD, REFUSED, ROLLED_BACK

from rollout.errors import ImageNotFound, Locked, RegistryUnavailable, RolloutError, ServiceNotFound
from rollout.model import Level, Message, Occasion, Outcome, OutcomeKind
from rollout.notify import clean
from rollout.notify.compose import Composer, occasion_of, occasion_of_error
from rollout.notify.form import body, text, uncalled
from rollout.secrets import without_secrets_of_logs
from rollout.state.holder import Holder

ANN = Holder("ann@desk", "https://bitbucket.org/shop/site/pipelines/results/812", "c4d9e17")
COMPOSER = Composer(ANN, datetime(2026, 3, 9, 10, 2, 14, 123456, UTC))


def shown(message: Message) -> str:
    return f"{message.level}: {message.title}\n\n{text(message)}\n"


@pytest.mark.parametrize(
    "outcome",
    [DEPLOYED, ROLLED_BACK, ABORTED, HELD, REFUSED, FAILED],
    ids=lambda outcome: outcome.kind.replace(" ", "_"),
)
def test_an_outcome_is_told(outcome: Outcome):
    message = COMPOSER.ended(outcome)
    assert agrees_with_golden(f"notify_{message.event}.txt", shown(message))


def test_a_program_gets_the_same_as_fields():
    said = json.loads(body(COMPOSER.ended(ROLLED_BACK)))
    assert agrees_with_golden("notify_rolled_back.json", json.dumps(said, indent=2) + "\n")


def test_a_start_is_told():
    assert agrees_with_golden("notify_started.txt", shown(COMPOSER.started(plan())))


def test_an_error_before_anything_was_touched_is_told():
    error = ImageNotFound("shop/php:9 is not in the registry", "push it, or name another tag")
    message = COMPOSER.stopped(error, "php", Occasion.REFUSED)
    assert agrees_with_golden("notify_image_not_found.txt", shown(message))
    assert json.loads(body(message))["error"] == {
        "kind": "ImageNotFound",
        "exit_code": 5,
        "sentence": "shop/php:9 is not in the registry",
        "hint": "push it, or name another tag",
    }


def test_an_error_that_nobody_foresaw_calls_someone():
    message = COMPOSER.stopped(RolloutError("something unforeseen happened"), "php", Occasion.FAILED)
    assert (message.level, message.title) == (Level.FAILURE, "FAILED: php NEEDS SOMEONE NOW")
    assert message.next == "look at it with `rollout status php`"


@pytest.mark.parametrize(
    ("error", "occasion"),
    [
        (ImageNotFound("no such image"), Occasion.REFUSED),
        (RegistryUnavailable("no answer"), Occasion.REFUSED),
        (RolloutError("unforeseen"), Occasion.FAILED),
        (Locked("ann deploys"), None),
        (ServiceNotFound("no service pph"), None),
    ],
)
def test_a_lock_and_a_slip_of_the_finger_are_nobodys_business(error: RolloutError, occasion: Occasion | None):
    assert occasion_of_error(error) == occasion


def test_only_a_failure_has_to_wake_anybody():
    levels = {
        outcome.kind: COMPOSER.ended(outcome).level for outcome in (DEPLOYED, ROLLED_BACK, HELD, FAILED)
    }
    assert levels == {
        OutcomeKind.DEPLOYED: Level.SUCCESS,
        OutcomeKind.ROLLED_BACK: Level.WARNING,
        OutcomeKind.HELD: Level.WARNING,
        OutcomeKind.FAILED: Level.FAILURE,
    }


@pytest.mark.parametrize("kind", [kind for kind in OutcomeKind if kind != OutcomeKind.PLANNED])
def test_every_end_is_an_occasion(kind: OutcomeKind):
    assert occasion_of(Outcome(kind, "php", OLD, NEW)) in set(Occasion)


def crashed(*log: str, sentence: str = "it crashed", error: str = "") -> Outcome:
    return replace(ROLLED_BACK, cause=replace(CAUSE, sentence=sentence, error=error, log=log))


@pytest.mark.parametrize(
    "line",
    [
        "DB_PASSWORD=hunter2hunter2",
        "connect with password: hunter2hunter2",
        '{"api_key": "hunter2hunter2", "user": "x"}',
        "'secret' => 'hunter2hunter2',",
        "Authorization: Basic hunter2hunter2",
        "GET /x with Bearer hunter2hunter2",
        "mysql://app:hunter2hunter2@db/app is away",
        "#0 /srv/db.php(12): PDO->__construct('mysql:host=db', 'app', 'hunter2hunter2')",
        "#1 /srv/db.php(3): connect('hunter2hunter2')",
        "curl --token hunter2hunter2 failed",
        "\x1b[31mtoken=\x1b[0mhunter2hunter2",
    ],
)
def test_what_looks_like_a_secret_in_a_log_is_sent_to_nobody(line: str):
    message = COMPOSER.ended(crashed(line, error=line))
    assert b"hunter2" not in body(message)
    assert "hunter2" not in text(message)
    assert "\x1b" not in text(message)


@pytest.mark.parametrize(
    "secret",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "xoxb-17653672481-19874698323",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4fw",
    ],
)
def test_what_has_the_shape_of_a_known_secret_is_hidden_wherever_it_stands(secret: str):
    assert secret not in without_secrets_of_logs(f"request with {secret} was denied")


def test_ordinary_lines_of_a_log_stay_as_they_are():
    lines = (
        "PHP Fatal error:  Uncaught RedisException: Connection refused in /srv/app/session.php:41",
        '[09-Mar-2026 10:02:11] NOTICE: fpm is running, pid 1 (ready, "GET /" 200)',
        'PHP Parse error:  syntax error, unexpected token ";" in /srv/index.php on line 3',
    )
    assert clean.log(lines) == lines


def test_only_the_last_lines_are_sent_and_none_is_endless():
    log = clean.log((*(f"line {number}" for number in range(100)), "x" * 10_000))
    assert log[0] == "line 89"
    assert (len(log), len(log[-1])) == (12, 300)


def test_a_log_calls_nobody_in_a_chat():
    assert "@everyone" not in uncalled("hello @everyone")
    assert "<!channel>" not in uncalled("<!channel> hello")
    assert "<@U123>" not in uncalled("hello <@U123>")
    command = "`rollout deploy php --image shop/php:1@sha256:0a` by ann@desk"
    assert uncalled(command) == command
