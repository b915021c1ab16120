from __future__ import annotations

from dataclasses import replace

import pytest
from unit.render_scenes import CAUSE, NEW, OLD, agrees_with_golden, unstyled

from rollout.errors import ImageNotFound, Locked
from rollout.model import Cause, CauseKind, Impact, Latency, Outcome, OutcomeKind
from rollout.render.outcome import error_lines, outcome_lines
from rollout.render.text import Style

MET = Impact(
    412,
    before=Latency(25, 0.011, 0.017),
    during=Latency(337, 0.012, 0.018),
    after=Latency(50, 0.011, 0.017),
    versions={"2.6.1": 128, "2.7.0": 284},
)
HARMED = replace(MET, failed=7, first_failed=9.2, last_failed=12.0, errors=("HTTP 502", "connection refused"))
DEPLOYED = Outcome(OutcomeKind.DEPLOYED, "php", OLD, NEW, 38.2, 4, 4, revision=7, impact=MET)
ABORTED = replace(DEPLOYED, kind=OutcomeKind.ABORTED, replaced=0, rollback_seconds=5.1)
ROLLED_BACK = Outcome(
    OutcomeKind.ROLLED_BACK,
    "php",
    OLD,
    NEW,
    14.6,
    0,
    4,
    CAUSE,
    "mend the release",
    rollback_seconds=3.2,
    impact=HARMED,
)
HELD = Outcome(
    OutcomeKind.HELD,
    "php",
    OLD,
    NEW,
    61.0,
    0,
    4,
    Cause(CauseKind.INTERRUPTED, "stopped by a signal", signal=2),
    "`rollout resume php` finishes it, `rollout abort php` goes back",
)
FAILED = replace(
    ROLLED_BACK,
    kind=OutcomeKind.FAILED,
    cause=replace(CAUSE, kind=CauseKind.ROLLBACK_FAILED, sentence="the rollback did not succeed"),
)
REFUSED = Outcome(
    OutcomeKind.REFUSED,
    "php",
    OLD,
    NEW,
    cause=Cause(CauseKind.NOT_QUIET, "the service does not come to rest"),
)


def shown(outcome: Outcome, width: int | None = None) -> str:
    return unstyled(outcome_lines(outcome, width))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("deployed", DEPLOYED),
        ("rolled_back", ROLLED_BACK),
        ("held", HELD),
        ("failed", FAILED),
        ("refused", REFUSED),
        ("aborted", ABORTED),
        ("unchanged", Outcome(OutcomeKind.UNCHANGED, "php", NEW, NEW, slots=4)),
    ],
)
def test_the_last_words_read_like_this(name, outcome):
    assert agrees_with_golden(f"outcome_{name}.txt", shown(outcome))


def test_a_good_outcome_says_what_how_many_and_how_long():
    assert "runs patch-php-fpm:2.7.0@5f3a9c01\n  4 of 4 replicas replaced in 38s" in shown(DEPLOYED)


def test_a_rollback_says_why_where_and_that_the_baseline_is_back():
    text = shown(ROLLED_BACK)
    assert "cause       a task of the new release ended by itself (exit code 255)" in text
    assert "php.2 on n2" in text
    assert "the baseline runs in every slot again, and that was verified" in text
    assert all(f"    │ {said}\n" in text for said in CAUSE.log)


def test_what_users_met_is_told_in_a_sentence():
    assert (
        "users       412 requests asked in the background, 0 failed; "
        "p95 17 ms before, 18 ms during, 17 ms after; answered by 2.6.1 31% 2.7.0 69%\n"
    ) in shown(DEPLOYED)


def test_what_went_wrong_for_users_is_told_with_when_and_what():
    said = "7 failed between 9.2s and 12s (HTTP 502, connection refused); p95"
    assert said in shown(ROLLED_BACK)
    once = replace(HARMED, failed=1, last_failed=9.2)
    assert "1 failed after 9.2s (HTTP 502" in shown(replace(ROLLED_BACK, impact=once))


def test_where_nobody_was_asked_for_nothing_is_said_of_users():
    assert "users" not in shown(replace(DEPLOYED, impact=None))
    assert "users" not in shown(replace(DEPLOYED, impact=Impact()))


def test_slow_pages_are_told_in_seconds():
    slow = Impact(1, before=Latency(1, 1.25, 1.25))
    assert "p95 1.2 s before" in shown(replace(DEPLOYED, impact=slow))


def test_a_page_cannot_drive_the_terminal_by_its_version_or_its_error():
    hostile = replace(HARMED, errors=("\x1b[2Jno",), versions={"\x1b[31m3": 1})
    text = shown(replace(ROLLED_BACK, impact=hostile))
    assert "(no)" in text
    assert "answered by 3 100%" in text
    assert "\x1b" not in text


def test_how_long_the_way_back_took_is_told():
    assert "the way back took 3.2s" in shown(ROLLED_BACK)
    assert "the way back" not in shown(FAILED)


def test_a_failure_is_loud():
    first = outcome_lines(FAILED)[0]
    assert first[-1].style is Style.ALARM
    assert first[-1].text == "FAILED: php NEEDS SOMEONE NOW"


def test_an_error_that_is_the_cause_is_said_once():
    same = replace(ROLLED_BACK, cause=replace(CAUSE, error=CAUSE.sentence))
    assert shown(same).count(CAUSE.sentence) == 1


@pytest.mark.parametrize("kind", [OutcomeKind.ROLLED_BACK, OutcomeKind.HELD, OutcomeKind.FAILED])
def test_without_a_hint_there_is_advice_all_the_same(kind):
    assert "  next        " in shown(replace(ROLLED_BACK, kind=kind, hint=""))


def test_on_a_terminal_all_but_log_lines_are_wrapped():
    lines = [text for text in shown(ROLLED_BACK, 60).splitlines() if "│" not in text]
    assert max(map(len, lines)) <= 60


def test_markup_and_escapes_of_a_task_are_harmless():
    hostile = replace(CAUSE, error="[red]x[/red]\x1b[2J", log=("\x1b]0;t\x07  [bold]y",))
    text = shown(replace(ROLLED_BACK, cause=hostile))
    assert "error       [red]x[/red]\n" in text
    assert "\x1b" not in text


def test_an_error_says_what_happened_and_what_to_do():
    lines = error_lines(ImageNotFound("the registry has no php:9", "push it first, or see `docker images`"))
    assert unstyled(lines) == (
        "error: the registry has no php:9\nhint: push it first, or see `docker images`\n"
    )


def test_an_error_without_a_hint_has_one_line():
    assert unstyled(error_lines(Locked("busy"))) == "error: busy\n"


def test_a_long_error_is_wrapped_on_a_terminal():
    lines = unstyled(error_lines(Locked("word " * 40, "hint " * 40), 60)).splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[0].startswith("error: word word")
