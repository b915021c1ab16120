"""What anybody's strategy gives is looked at before a replica is touched."""

from __future__ import annotations

import pytest
from builders import NEW, OLD, snapshot_of, spec_of, task_of

from rollout import planning, spec
from rollout.errors import UsageError
from rollout.model import Hold, Options, Situation, Step
from rollout.planning import Wish
from rollout.stepping import steps_of


def divide(_situation: Situation) -> tuple[Step, ...]:
    raise ZeroDivisionError("division by zero")


WRONG = {
    "nothing at all": (lambda _: (), "no steps, and 5 of 5 replicas"),
    "None": (lambda _: None, "TypeError"),
    "numbers": (lambda _: [1, 5], "1 is no step"),
    "half a replica": (lambda _: (Step(2.5), Step(5)), "is no step"),
    "too short": (lambda _: (Step(2),), "do not end at all 5"),
    "beyond": (lambda _: (Step(2), Step(9)), "do not end at all 5"),
    "going back": (lambda _: (Step(4), Step(2), Step(5)), "do not grow: 4, 2, 5"),
    "twice": (lambda _: (Step(2), Step(2), Step(5)), "do not grow"),
    "zero": (lambda _: (Step(0), Step(5)), "do not end at all 5"),
    "a late preview": (lambda _: (Step(2), Step(5, preview=5)), "only its first step"),
    "a preview of many": (lambda _: (Step(5, preview=50),), "from 0 to 5"),
    "a negative pause": (lambda _: (Step(2, hold=Hold(-5.0)), Step(5)), "negative"),
    "an endless pause": (lambda _: (Step(2, hold=Hold(float("nan"))), Step(5)), "no time"),
    "a pause of seconds": (lambda _: (Step(2, hold=60.0), Step(5)), "no time"),
    "an error": (divide, "ZeroDivisionError: division by zero"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_plan_is_refused_with_the_strategy_and_the_fault(name: str):
    strategy, fault = WRONG[name]
    with pytest.raises(UsageError) as refused:
        steps_of(strategy, Situation(5, 0), "timid")
    assert "'timid'" in refused.value.message
    assert "rollout.strategies" in refused.value.message
    assert fault in refused.value.message
    assert "--strategy rolling" in refused.value.hint


def test_a_step_that_releases_again_what_is_there_is_no_plan():
    with pytest.raises(UsageError, match="3 replicas are released already"):
        steps_of(lambda _: (Step(2), Step(5)), Situation(5, 3), "timid")


def test_who_finds_all_released_needs_no_steps():
    assert steps_of(lambda _: (), Situation(5, 5), "timid") == ()


def test_a_list_will_do_and_so_will_a_pause_at_the_end():
    assert steps_of(lambda _: [Step(5, hold=Hold())], Situation(5, 0), "timid") == (Step(5, hold=Hold()),)


def test_no_plan_is_made_of_it():
    baseline = spec_of(OLD)
    wish = Wish(baseline, spec.with_image(baseline, NEW), Options(strategy="timid"))
    with pytest.raises(UsageError, match="timid"):
        planning.make(snapshot_of(baseline, *map(task_of, range(1, 5))), wish, (), lambda _: ())
