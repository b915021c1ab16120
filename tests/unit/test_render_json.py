from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from unit.render_scenes import (
    CAUSE,
    FINDING,
    GATE,
    NEW,
    OLD,
    SMOKE,
    Stage,
    bad,
    careful,
    good,
    met,
    plan,
    smoked,
)

from rollout.errors import Locked
from rollout.events import Finished, GateProgress, Measured, Note, Planned
from rollout.model import CauseKind, Outcome, OutcomeKind
from rollout.render.fields import error_fields, write_json
from rollout.render.json_lines import JsonLines

DOCUMENT = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")


def written(events) -> list[dict[str, object]]:
    stream = io.StringIO()
    with JsonLines(stream) as sink:
        for event in events:
            sink.emit(event)
    assert sink.trouble is None
    return [json.loads(text) for text in stream.getvalue().splitlines()]


@pytest.mark.parametrize(("release", "code"), [(good, 0), (bad, 3)])
def test_the_last_line_is_the_outcome_with_the_exit_code(release, code):
    last = written(release())[-1]
    assert (last["event"], last["exit_code"]) == ("outcome", code)


@pytest.mark.parametrize("release", [good, bad])
def test_every_line_has_the_schema_a_name_and_the_time(release):
    for fields in written(release()):
        assert list(fields)[:3] == ["schema", "event", "at"]
        assert fields["schema"] == "rollout/v1"
        assert round(fields["at"], 3) == fields["at"]


def test_times_are_rounded_to_milliseconds():
    assert written([Note(1.23456789, "hello")])[0]["at"] == 1.235


def test_observations_without_news_are_left_out():
    stage = Stage(2)
    assert len(written([Planned(0.0, plan(2)), *(stage.look(at) for at in range(9))])) == 2


def test_a_change_says_which_task_where_and_what():
    seen = [
        change for fields in written(bad()) if fields["event"] == "observed" for change in fields["changes"]
    ]
    assert {
        "slot": "php.2",
        "node": "n2",
        "task": CAUSE.task_id,
        "before": "starting",
        "state": "failed",
        "new": True,
        "error": "task: non-zero exit (255)",
        "exit_code": 255,
    } in seen


def test_the_counts_go_up_with_the_release():
    counts = [fields["on_target"] for fields in written(good()) if fields["event"] == "observed"]
    assert counts[0] == 0
    assert counts[-1] == 4
    assert all(fields["running"] == 4 for fields in written(good()) if fields["event"] == "observed")


def test_a_measurement_that_changes_nothing_is_left_out():
    twice = [GateProgress(1.0, GATE, 3, 0, 5), GateProgress(2.0, GATE, 3, 0, 5)]
    assert [fields["gate"] for fields in written(twice)] == ["http://lb.internal/health"]


def test_what_users_met_is_a_line_of_its_own_unless_nothing_is_new():
    told = [Measured(1.0, met(1.0)), Measured(1.5, met(1.0)), Measured(2.0, met(2.0, new=4, failed=1))]
    first, second = written(told)
    assert (first["event"], first["asked"], first["failed"], first["errors"]) == ("measured", 5, 0, [])
    assert (second["first_failed"], second["last_failed"]) == (1.4, 1.8)
    assert second["before"] == {"count": 4, "p50": 0.012, "p95": 0.017}
    assert second["after"] is None
    assert second["versions"] == {"2.6.1": 6, "2.7.0": 4}


def test_a_one_shot_task_is_told_with_its_command_and_its_log():
    started, ended = written(smoked())[-2:]
    assert (started["event"], started["purpose"], started["command"]) == (
        "one_shot_started",
        "smoke_test",
        SMOKE,
    )
    assert (ended["event"], ended["seconds"]) == ("one_shot_ended", 2.5)
    assert str(ended["error"]).endswith("exit code 1")
    assert ended["log"] == ["GET /health: 200", "GET /cart: 500, expected 200"]


def test_why_it_waits_is_told_with_the_limit():
    waiting = next(fields for fields in written(careful()) if fields["event"] == "waiting")
    assert waiting["limit"] == 608.0
    assert waiting["cause"]["kind"] == "no_capacity"


def test_the_outcome_carries_what_users_met_and_how_long_the_way_back_took():
    back, deployed = written(bad())[-1], written(good())[-1]
    assert (back["rollback_seconds"], back["impact"]["failed"]) == (3.2, 2)
    assert (deployed["rollback_seconds"], deployed["impact"]["failed"]) == (None, 0)
    assert deployed["impact"]["after"]["p95"] == 0.017


def test_the_outcome_carries_cause_and_images():
    last = written(bad())[-1]
    assert last["kind"] == "rolled_back"
    assert (last["old_digest"], last["new_digest"]) == (OLD.digest, NEW.digest)
    assert "@" not in last["old_image"]
    assert last["cause"]["kind"] == "crashed"
    assert last["cause"]["slot"] == "php.2"
    assert last["cause"]["log"] == list(CAUSE.log)


def test_a_deployment_that_a_signal_held_exits_as_the_signal_would():
    cause = replace(CAUSE, kind=CauseKind.INTERRUPTED, signal=15)
    last = written([Finished(1.0, Outcome(OutcomeKind.HELD, "php", OLD, NEW, cause=cause))])[-1]
    assert (last["kind"], last["exit_code"]) == ("held", 143)


def test_no_line_can_drive_a_terminal_or_leak_a_login():
    hostile = replace(CAUSE, error="\x1b[2Jredis://app:s3cr3t@redis", log=("\x9b31m\u202eevil",))
    stream = io.StringIO()
    JsonLines(stream).emit(Finished(1.0, Outcome(OutcomeKind.FAILED, "php", OLD, NEW, cause=hostile)))
    assert stream.getvalue().isascii()
    cause = json.loads(stream.getvalue())["cause"]
    assert (cause["error"], cause["log"]) == ("redis://***@redis", ["evil"])


def test_the_plan_is_written_without_specs():
    planned = written([Planned(0.0, replace(plan(), baseline={"a": 1}, findings=(FINDING,)))])[0]
    assert not {"baseline", "target", "spec"} & planned.keys()
    assert planned["steps"] == [1, 2, 3, 4]
    assert planned["findings"][0]["code"] == "stop-signal"


def test_an_error_takes_the_outcomes_place():
    stream = io.StringIO()
    write_json(stream, error_fields(Locked("ci is deploying php", "wait for it")))
    assert json.loads(stream.getvalue()) == {
        "schema": "rollout/v1",
        "event": "error",
        "kind": "Locked",
        "exit_code": 4,
        "sentence": "ci is deploying php",
        "hint": "wait for it",
    }


def names_in(value: object) -> set[str]:
    """Every field name in a value, at any depth."""
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


def test_every_event_and_field_is_documented():
    told = [good(), bad(), careful(), smoked(), [Note(0.0, "x")]]
    lines = [fields for events in told for fields in written(events)]
    events = {str(fields["event"]) for fields in lines}
    names = names_in(lines) - {"APP_ENV", "2.6.1", "2.7.0"}
    assert [name for name in sorted(events | names) if f"`{name}`" not in DOCUMENT] == []


@pytest.mark.parametrize("kind", [*OutcomeKind, *CauseKind])
def test_every_kind_is_documented(kind):
    assert f"`{kind.replace(' ', '_')}`" in DOCUMENT
