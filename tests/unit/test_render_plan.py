from __future__ import annotations

import json
from dataclasses import replace

from unit.render_scenes import FINDING, OLD, agrees_with_golden, plan, unstyled

from rollout.model import Change, HttpProbe, OnFailure, Order, PlanKind, Step
from rollout.render.plan import capacity, plan_json, plan_lines


def shown(made, command: str = "", width: int | None = None) -> str:
    return unstyled(plan_lines(made, command, width))


def test_a_plan_reads_like_this():
    made = replace(plan(), findings=(FINDING,), origin={"batch": "--batch", "bake": "default"})
    assert agrees_with_golden("plan.txt", shown(made, "rollout deploy php --tag 2.7.0"))


def test_on_a_terminal_it_is_wrapped():
    assert agrees_with_golden("plan_80.txt", shown(replace(plan(), findings=(FINDING,)), width=80))


def test_the_last_line_says_that_nothing_has_been_changed_and_what_would():
    last = shown(plan(), "rollout deploy php --tag 2.7.0").splitlines()[-1]
    assert last == "nothing has been changed; run `rollout deploy php --tag 2.7.0`"


def test_equal_steps_are_counted_and_others_are_told_one_by_one():
    assert "steps       4 steps of 1 replica" in shown(plan())
    ramp = replace(plan(15), steps=tuple(Step(upto) for upto in (1, 3, 7, 15)))
    assert "steps       steps of 1, 2, 4 and 8 replicas" in shown(ramp)
    assert "after each: 1, 3, 7, 15 of 15" in shown(ramp)


def test_a_smaller_last_step_is_told():
    assert "steps of 3 times 3 and 1 replicas" in shown(plan(10, 3))


def test_forty_steps_do_not_fill_the_screen():
    assert "after each: 1, 2, 3, 4, 5, 6, ..., 38, 39, 40 of 40" in shown(plan(40))


def test_what_an_interrupted_deployment_left_is_proved_first():
    resumed = replace(plan(), done=2, steps=(Step(2), Step(3), Step(4)))
    assert "2 steps of 1 replica (2 of 4 replicas on the target already, proved first)" in shown(resumed)


def test_where_every_slot_is_done_it_is_only_proved():
    resumed = replace(plan(), done=4, steps=(Step(4),))
    assert "only proving: 4 of 4 replicas on the target already" in shown(resumed)


def test_start_first_keeps_every_replica_serving_and_needs_room_for_a_batch():
    assert capacity(plan(8, 2)) == (8, 10)


def test_stop_first_misses_a_batch_and_needs_no_room():
    assert capacity(replace(plan(8, 2), order=Order.STOP_FIRST)) == (6, 8)


def test_fields_that_come_and_go_are_marked():
    changes = (Change("Labels.a", None, "1"), Change("Labels.b", "1", None), Change("Labels.c", "1", "2"))
    text = shown(replace(plan(), changes=changes))
    assert "  + Labels.a: 1\n  - Labels.b: 1\n  ~ Labels.c: 1 → 2\n" in text


def test_secrets_are_hidden_in_text_and_json():
    made = replace(plan(), changes=(Change("Labels.db.password", "old-s3cr3t", "new-s3cr3t"),))
    assert "~ Labels.db.password: (hidden)" in shown(made)
    assert "s3cr3t" not in shown(made) + json.dumps(plan_json(made))


def test_a_label_cannot_drive_the_terminal():
    text = shown(replace(plan(), changes=(Change("Labels.x", None, "\x1b[2J[red]y[/red]"),)))
    assert "+ Labels.x: [red]y[/red]\n" in text


def test_each_probe_is_named_with_what_it_wants():
    options = replace(plan().options, probes=(HttpProbe("http://a/"), HttpProbe("http://b/", 204, 1.5)))
    text = shown(replace(plan(), options=options))
    assert "http://a/: requests get a good status within 5s" in text
    assert "http://b/: requests get status 204 within 1.5s" in text


def test_what_follows_a_bad_release_is_told():
    held = replace(plan(), options=replace(plan().options, on_failure=OnFailure.HOLD))
    assert "on failure  roll back: the baseline is written" in shown(plan())
    assert "on failure  hold: it stays where it is, serving" in shown(held)


def test_nothing_to_do_is_said_in_three_lines():
    text = shown(plan(kind=PlanKind.UNCHANGED, steps=(), changes=(), old_image=plan().new_image, done=4))
    assert text == (
        "plan for php: nothing to do, php runs patch-php-fpm:2.7.0@5f3a9c01 in 4 of 4 replicas\n"
        "\n"
        "nothing has been changed, and there is nothing to do\n"
    )


def test_a_service_without_replicas_is_only_written():
    assert "no replica to replace, the spec is only written" in shown(plan(0, kind=PlanKind.SETTLE))


def test_a_forced_release_says_that_the_image_stays():
    assert "patch-php-fpm:2.6.1@1f0c2d7a (same image)" in shown(plan(new_image=OLD))


def test_the_json_can_be_dumped_and_has_what_the_text_has():
    fields = json.loads(json.dumps(plan_json(replace(plan(), findings=(FINDING,)))))
    assert fields["event"] == "plan"
    assert (fields["fewest_serving"], fields["most_running"]) == (4, 5)
    assert fields["probes"] == ["http://lb.internal/health"]
