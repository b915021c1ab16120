"""How long a deployment should take: by the records of earlier ones."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from unit.render_scenes import plan, unstyled

from rollout.forecast import timed
from rollout.model import Options, PlanKind, Step
from rollout.ports import Entry
from rollout.render.plan import plan_json, plan_lines
from rollout.state.record import Record, RecordState

SPEC = {"TaskTemplate": {}}
NOW = datetime(2026, 1, 5, tzinfo=UTC)
PLAN = replace(plan(), steps=tuple(map(Step, range(1, 5))), options=Options(bake=10.0), seconds=99.0)


def record(seconds: object, steps: int = 4, outcome: str = "deployed", bake: object = 10.0) -> Record:
    contents = {"steps": list(range(1, steps + 1)), "bake": bake}
    labels = {"rollout.outcome": outcome, "rollout.seconds": str(seconds)}
    entry = Entry("e", "e", 1, labels, json.dumps(contents).encode(), NOW)
    return Record(entry, 1, RecordState.DEPLOYED, SPEC, SPEC)


def test_a_step_takes_what_steps_have_taken():
    made = timed(PLAN, [record(50.0), record(90.0), record(30.0, steps=2)])
    assert (made.seconds, made.precedents) == (4 * 10.0 + 10.0, 3)


def test_more_steps_take_longer_and_the_bake_of_now_counts():
    longer = replace(PLAN, steps=(*PLAN.steps, *PLAN.steps), options=Options(bake=60.0))
    assert timed(longer, [record(50.0)]).seconds == 8 * 10.0 + 60.0


def test_deployments_that_did_not_get_to_their_end_tell_nothing():
    rolled_back, held = record(5.0, outcome="rolled back"), record(900.0, outcome="held")
    assert timed(PLAN, [rolled_back, held]) == PLAN


def test_records_without_sense_tell_nothing():
    assert (
        timed(PLAN, [record("soon"), record(50.0, bake=None), record(50.0, steps=0), record("inf")]) == PLAN
    )


def test_where_there_is_nothing_to_do_there_is_nothing_to_wait_for():
    idle = replace(PLAN, kind=PlanKind.UNCHANGED, steps=(), seconds=None)
    assert timed(idle, [record(50.0)]).seconds is None


def test_the_reader_is_told_how_it_is_known():
    made = timed(PLAN, [record(50.0)])
    assert "takes       about 50s, judging by 1 earlier deployment\n" in unstyled(plan_lines(made))
    assert (plan_json(made)["expected_seconds"], plan_json(made)["precedents"]) == (50.0, 1)
    assert "takes       about 1m 39s\n" in unstyled(plan_lines(PLAN))
