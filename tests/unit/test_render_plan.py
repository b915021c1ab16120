from __future__ import annotations

import json
from dataclasses import fields as dataclass_fields
from dataclasses import replace

from unit.render_scenes import FINDING, OLD, agrees_with_golden, plan, unstyled

from rollout.model import (
    Absence,
    Change,
    ExecGate,
    HttpProbe,
    Limit,
    ManualGate,
    OneShot,
    OnFailure,
    OnStuck,
    Operator,
    Options,
    Order,
    Plan,
    PlanKind,
    PrometheusGate,
    StableGate,
    Step,
    TcpGate,
)
from rollout.render.changes import plainly, revealed
from rollout.render.facts import capacity
from rollout.render.plan import plan_json, plan_lines

EVERYTHING = Options(
    probes=(
        HttpProbe(
            "https://www.example.org/login",
            expect_status=200,
            timeout=2.0,
            headers={"Authorization": "Bearer s3cr3t"},
            method="POST",
            expect_body="Welcome",
            expect_headers={"X-Region": "s3cr3t"},
            rate=10.0,
            error_budget=Limit(0.01),
            p95=Limit(1.5, relative=True),
            confidence=0.9999,
            version_header="X-Version",
        ),
    ),
    gates=(
        TcpGate("redis:6379"),
        ExecGate(("./check.sh", "--quick")),
        PrometheusGate(
            "http://prometheus:9090",
            "sum(rate(http_errors_total[1m]))",
            Operator.LESS,
            0.5,
            Absence.PASS,
            {"Authorization": "Bearer s3cr3t"},
        ),
        StableGate(20.0),
        ManualGate(),
    ),
    smoke=OneShot(("./smoke", "a page"), "registry.example.org/curl:8", 60.0),
    before=(OneShot(("php", "artisan", "migrate", "--force")), OneShot(("./warm-up", "--token=s3cr3t"))),
    after=(OneShot(("php", "artisan", "queue:restart"), timeout=30.0),),
    on_rollback=(OneShot(("./tell", "it was not to be")),),
    on_stuck=OnStuck.ROLLBACK,
)


def with_everything() -> Plan:
    quicker = Change("TaskTemplate.ContainerSpec.Healthcheck.StartInterval", None, "500ms")
    return replace(plan(), options=EVERYTHING, changes=(*plan().changes, quicker))


def shown(made, command: str = "", width: int | None = None) -> str:
    return unstyled(plan_lines(made, command, width))


def test_a_plan_reads_like_this():
    made = replace(plan(), findings=(FINDING,), origin={"batch": "--batch", "bake": "default"})
    assert agrees_with_golden("plan.txt", shown(made, "rollout deploy php --tag 2.7.0"))


def test_from_which_source_to_which_is_told_where_the_images_say_so():
    commits = ("81f0aa2b77c1e0d3a5f4", "c4d9e17f00aa")
    assert "81f0aa2b77c1 → c4d9e17f00aa" in shown(replace(plan(), sources=commits))
    assert "unknown → c4d9e17f00aa" in shown(replace(plan(), sources=("", commits[1])))
    assert "source" not in shown(plan())
    assert plan_json(replace(plan(), sources=commits))["new_source"] == commits[1]


def test_on_a_terminal_it_is_wrapped():
    assert agrees_with_golden("plan_80.txt", shown(replace(plan(), findings=(FINDING,)), width=80))


def test_gates_hooks_and_smoke_test_read_like_this():
    assert agrees_with_golden("plan_everything.txt", shown(with_everything()))


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


def test_a_gate_says_how_strict_it_is_where_it_is_not_as_usual():
    strict = HttpProbe("http://a/", error_budget=Limit(2.0, relative=True), p95=Limit(0.3))
    text = shown(replace(plan(), options=Options(probes=(strict,), gates=(ExecGate(("x",), successes=2),))))
    assert "misses at most 2 times what it was before; p95 at most 0.3s" in text
    assert "exec x: exits with 0 within 30s; passes by 2 in a row, fails by 1" in text


def test_gates_are_told_apart_as_they_are_while_they_measure():
    text = shown(replace(plan(), options=Options(gates=(StableGate(30.0), StableGate(30.0)))))
    assert "stable 30s: no new replica" in text
    assert "stable 30s (2): no new replica" in text


def test_what_users_meet_is_measured_only_where_there_is_a_page_to_ask_for():
    assert "impact      5 requests a second" in shown(plan())
    assert "impact" not in shown(replace(plan(), options=Options()))
    assert "impact" not in shown(replace(plan(), options=replace(plan().options, impact_rate=0.0)))


def test_fast_health_is_told_where_it_changes_something():
    assert "fast health a starting replica is asked for its health every 500ms" in shown(with_everything())
    assert "fast health" not in shown(plan())


def test_what_happens_when_it_is_stuck_is_told():
    stuck = replace(plan(), options=replace(plan().options, on_stuck=OnStuck.ROLLBACK))
    assert "when stuck  hold, if capacity" in shown(plan())
    assert "when stuck  roll back, if capacity" in shown(stuck)


def test_no_secret_of_a_gate_or_a_hook_is_told():
    text, fields = shown(with_everything()), json.dumps(plan_json(with_everything()))
    assert "s3cr3t" not in text + fields
    assert "sent with Authorization" in text
    assert "--token=(hidden)" in text
    assert "--token=(hidden)" in fields


def test_a_gate_cannot_drive_the_terminal():
    gate = PrometheusGate("http://a", "\x1b[2Jup\n", Operator.LESS, 1)
    text = shown(replace(plan(), options=Options(gates=(gate,), smoke=OneShot(("\x1b[2Jx",)))))
    assert "\x1b" not in text + json.dumps(plan_json(replace(plan(), options=Options(gates=(gate,)))))


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


def test_the_json_has_every_gate_with_its_kind_and_its_fields():
    fields = json.loads(json.dumps(plan_json(with_everything())))
    kinds = [gate["kind"] for gate in fields["gates"]]
    assert kinds == ["http", "tcp", "exec", "prometheus", "stable", "manual"]
    assert fields["gates"][0]["headers"] == ["Authorization"]
    assert fields["gates"][0]["p95"] == {"amount": 1.5, "relative": True}
    assert fields["gates"][3]["absence"] == "pass"
    assert fields["smoke"] == {
        "command": ["./smoke", "a page"],
        "image": "registry.example.org/curl:8",
        "timeout": 60.0,
    }
    assert [hook["command"][0] for hook in fields["before"]] == ["php", "./warm-up"]
    assert (fields["on_stuck"], fields["impact_rate"], fields["fast_health"]) == ("rollback", 5.0, True)


def test_the_json_has_every_option():
    told = plan_json(plan())
    elsewhere = {"batch", "stages", "pause", "rest", "order", "overrides"}  # steps, holds, order, changes
    assert {field.name for field in dataclass_fields(Options)} - elsewhere <= set(told)
    assert told["order"] == "start-first"


def test_whoever_asks_for_secrets_sees_them():
    def with_password(value: str) -> dict:
        return {"TaskTemplate": {"ContainerSpec": {"Env": [f"DB_PASSWORD={value}"]}}}

    made = replace(plan(), baseline=with_password("old-1"), target=with_password("new-2"))
    assert "DB_PASSWORD: old-1 → new-2" in unstyled(plan_lines(revealed(made), look=plainly))
    assert "new-2" in json.dumps(plan_json(revealed(made), plainly))
    assert "new-2" not in shown(revealed(made))
