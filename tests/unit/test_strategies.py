from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from rollout.model import Batch, Situation, Step
from strategies import rolling

situations = some.builds(
    Situation,
    slots=some.integers(1, 500),
    done=some.integers(0, 500),
    batch=some.builds(Batch, some.integers(1, 100), some.booleans()),
).filter(lambda situation: situation.done <= situation.slots)


def test_one_at_a_time_takes_a_step_for_each_replica():
    assert rolling.plan(Situation(4, 0, Batch(1))) == (Step(1), Step(2), Step(3), Step(4))


def test_the_last_batch_may_be_smaller():
    assert rolling.plan(Situation(5, 0, Batch(2))) == (Step(2), Step(4), Step(5))


def test_slots_that_are_done_are_not_released_again():
    assert rolling.plan(Situation(4, 3, Batch(1))) == (Step(4),)


def test_nothing_is_left_to_do_when_every_slot_is_done():
    assert rolling.plan(Situation(4, 4, Batch(1))) == ()


def test_a_share_of_few_replicas_is_still_one():
    assert rolling.plan(Situation(3, 0, Batch(25, percent=True)))[0] == Step(1)


@given(situations)
def test_every_slot_is_reached_and_no_step_releases_more_than_the_batch(situation: Situation):
    ends = [situation.done, *(step.upto for step in rolling.plan(situation))]
    releases = [after - before for before, after in pairwise(ends)]
    assert ends[-1] == situation.slots
    assert all(1 <= release <= situation.batch.of(situation.slots) for release in releases)
