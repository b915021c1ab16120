"""Plans as text, one a case: a change of a strategy shows as a difference of data."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from builders import NEW, OLD, snapshot_of, spec_of, task_of
from hypothesis import given, settings
from hypothesis import strategies as some
from unit.render_scenes import agrees_with_golden, unstyled

from rollout import pacing, planning, spec
from rollout.model import Batch, Finding, Hold, Options, Order, Plan, Rest, Severity, Situation, Step, Watched
from rollout.planning import Wish
from rollout.render.plan import plan_lines
from strategies import blue_green, canary, ramp, rolling

STRATEGIES = {
    "rolling": rolling.plan,
    "ramp": ramp.plan,
    "canary": canary.plan,
    "blue_green": blue_green.plan,
}
STAGED = (Batch(5, percent=True), Batch(25, percent=True), Batch(100, percent=True))


NODES = ("node-a", "node-b", "node-c")


def _state(done: bool) -> dict[str, object]:
    return {"up_to_date": done, "image": NEW if done else OLD}


def planned(replicas: int | None, done: int = 0, watched: int = 0, **options: object) -> Plan:
    wished = Options(**options)
    baseline = spec_of(OLD, replicas)
    target = spec.with_image(baseline, NEW)
    tasks = [
        task_of(slot, start_seconds=2.0, **_state(number <= done))
        for number, slot in enumerate(NODES if replicas is None else range(1, replicas + 1), start=1)
    ]
    current = pacing.released(target, done, Order.START_FIRST, 1) if done else baseline
    found = snapshot_of(current, *tasks)
    return planning.make(
        found,
        Wish(baseline, target, wished, watched=Watched(watched, replicas or 0)),
        (),
        STRATEGIES[wished.strategy],
    )


def labels_only() -> Plan:
    """Other labels of the service, and nothing that a task would notice."""
    baseline = spec_of(OLD)
    found = snapshot_of(baseline, *map(task_of, range(1, 5)))
    return planning.make(
        found, Wish(baseline, baseline | {"Labels": {"team": "shop"}}, Options()), (), rolling.plan
    )


def refused(plan: Plan) -> Plan:
    """With the finding that it cannot be."""
    sentence = "blue_green needs both releases side by side, and this service stops first"
    return replace(
        plan, findings=(Finding("preview-impossible", sentence, "--strategy rolling", Severity.ERROR),)
    )


STOP_FIRST = {"order": Order.STOP_FIRST}
CASES = {
    "rolling_global": planned(None),
    "rolling_1": planned(1),
    "rolling_stop_first_1": planned(1, **STOP_FIRST),
    "rolling_0": planned(0),
    "canary_stop_first_4": planned(4, strategy="canary", **STOP_FIRST),
    "canary_of_all_4": planned(4, strategy="canary", stages=(Batch(5),)),
    "canary_interrupted_between_stages_10": planned(
        10, done=3, watched=2, strategy="canary", stages=(Batch(2), Batch(5))
    ),
    "canary_released_beyond_its_pause_4": planned(4, done=2, strategy="canary", pause=Hold()),
    "blue_green_refused_4": refused(planned(4, strategy="blue_green", **STOP_FIRST)),
    "labels_only_4": labels_only(),
    "rolling_4": planned(4),
    "rolling_of_three_in_10": planned(10, batch=Batch(3)),
    "rolling_a_quarter_of_12": planned(12, batch=Batch(25, percent=True)),
    "rolling_stop_first_4": planned(4, order=Order.STOP_FIRST),
    "rolling_interrupted_at_2_of_4": planned(4, done=2),
    "ramp_12": planned(12, strategy="ramp"),
    "ramp_100": planned(100, strategy="ramp"),
    "ramp_stop_first_12": planned(12, strategy="ramp", order=Order.STOP_FIRST),
    "ramp_interrupted_at_3_of_12": planned(12, done=3, strategy="ramp"),
    "canary_4": planned(4, strategy="canary"),
    "canary_until_promoted_4": planned(4, strategy="canary", pause=Hold()),
    "canary_in_stages_100": planned(100, strategy="canary", stages=STAGED, rest=Rest.RAMP),
    "canary_interrupted_in_its_pause_4": planned(4, done=1, strategy="canary"),
    "blue_green_4": planned(4, strategy="blue_green"),
    "blue_green_interrupted_in_its_switch_4": planned(4, done=2, strategy="blue_green"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_plan_reads_like_this(name: str):
    assert agrees_with_golden(f"strategy_{name}.txt", unstyled(plan_lines(CASES[name])))


def test_a_hundred_replicas_ramp_up_in_seven_steps():
    ends = [step.upto for step in ramp.plan(Situation(100, 0, Batch(1)))]
    assert ends == [1, 3, 7, 15, 31, 63, 100]


def test_a_canary_holds_after_each_stage_but_the_last():
    steps = canary.plan(Situation(100, 0, Batch(1), STAGED, Hold(60.0), Rest.RAMP))
    assert [step.upto for step in steps if step.hold] == [5, 25]
    assert steps[-1].upto == 100


def test_who_comes_back_into_the_pause_of_a_canary_pauses_again():
    assert canary.plan(Situation(4, 1, Batch(1), pause=Hold(60.0)))[0] == Step(1, hold=Hold(60.0))


def test_who_has_watched_the_first_stage_is_not_asked_to_watch_it_again():
    steps = canary.plan(Situation(4, 1, Batch(1), pause=Hold(60.0), watched=1))
    assert steps == (Step(2), Step(3), Step(4))


def test_what_was_released_beyond_an_unwatched_stage_is_paused_at():
    steps = canary.plan(Situation(4, 2, Batch(1), pause=Hold(60.0)))
    assert steps == (Step(2, hold=Hold(60.0)), Step(3), Step(4))


def test_also_where_nothing_is_left_to_be_released():
    assert canary.plan(Situation(2, 2, Batch(1), pause=Hold())) == (Step(2, hold=Hold()),)


def test_a_first_stage_of_all_replicas_goes_by_the_rest_and_pauses_nowhere():
    steps = canary.plan(Situation(4, 0, Batch(1), (Batch(5),), Hold(60.0), Rest.ROLLING))
    assert steps == (Step(1), Step(2), Step(3), Step(4))


batches = some.builds(Batch, some.integers(1, 100), some.booleans())
situations = some.builds(
    Situation,
    slots=some.integers(1, 300),
    done=some.integers(0, 300),
    batch=batches,
    stages=some.lists(batches, min_size=1, max_size=4).map(tuple),
    pause=some.builds(Hold, some.none() | some.floats(0, 1e6)),
    rest=some.sampled_from(Rest),
).filter(lambda situation: situation.done <= situation.slots)


@settings(max_examples=2000, deadline=None)
@given(situations, some.sampled_from(sorted(STRATEGIES)))
def test_every_strategy_reaches_every_slot_and_never_goes_back(situation: Situation, name: str):
    steps = STRATEGIES[name](situation)
    ends = [situation.done, *(step.upto for step in steps)]
    assert ends[-1] == situation.slots
    assert all(before < after for before, after in pairwise(ends[1:]))
    assert not steps or steps[0].upto > situation.done or steps[0].hold
    assert all(step.hold is None or step.upto == situation.done for step in steps[-1:])


@settings(max_examples=2000, deadline=None)
@given(situations, some.sampled_from(sorted(STRATEGIES)), some.data())
def test_planned_again_from_where_any_step_ends_the_rest_is_the_same(situation, name, data):
    steps = STRATEGIES[name](situation)
    reached = data.draw(some.integers(0, len(steps)))
    done = steps[reached - 1].upto if reached else situation.done
    steps = STRATEGIES[name](situation) if reached else tuple(step for step in steps if step.upto > done)
    watched = max((step.upto for step in steps[:reached] if step.hold), default=situation.watched)
    again = STRATEGIES[name](Situation(situation.slots, done, *_wishes(situation), watched))
    to_come = [step for step in again if step.upto > done]
    assert [(step.upto, step.hold) for step in to_come] == [
        (step.upto, step.hold) for step in steps[reached:]
    ]


def _wishes(situation: Situation) -> tuple:
    return situation.batch, situation.stages, situation.pause, situation.rest, situation.order
