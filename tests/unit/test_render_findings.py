"""What `rollout check` writes, on a terminal and into a pipe."""

from __future__ import annotations

import json
from dataclasses import replace

from unit.render_scenes import FINDING, agrees_with_golden, plan, unstyled

from rollout.model import Finding, Options, Plan, PlanKind, Severity
from rollout.preflight.refusal import refusal_of
from rollout.render.findings import check_json, check_lines
from rollout.render.outcome import error_lines
from rollout.render.plan import plan_lines
from rollout.render.text import painted

ERROR = Finding(
    "start-first-unplaceable",
    "start-first finds no place for a new replica (node-1 has the port in use): it waits for a place that "
    "never comes free",
    "`order: stop-first` in update_config or `--order stop-first`",
    Severity.ERROR,
)
NOTE = Finding("mutable-tag", "the new image goes by the tag latest", "a tag for each build", Severity.NOTE)
ACCEPTED = Finding("no-probe", "there is no probe", "pass --probe URL", accepted=True)
EVERYTHING = (ERROR, FINDING, ACCEPTED, NOTE)


def checked(*findings: Finding) -> Plan:
    made = plan()
    return replace(made, service=replace(made.service, name="site_php"), findings=findings)


def test_into_a_pipe_findings_read_like_this():
    assert agrees_with_golden("check.txt", unstyled(check_lines(checked(*EVERYTHING))))


def test_on_a_terminal_they_are_wrapped_and_coloured_by_severity():
    lines = check_lines(checked(*EVERYTHING), width=80)
    shown = "".join(painted(spans, colour=True) + "\n" for spans in lines)
    assert agrees_with_golden("check_80.txt", shown)


def test_where_glyphs_cannot_be_written_the_severities_still_differ():
    shown = [painted(spans, colour=False, encoding="ascii") for spans in check_lines(checked(*EVERYTHING))]
    assert [one[:4] for one in shown if one[2:3] in "x!-" and one.startswith("  ")] == [
        "  x ",
        "  ! ",
        "  - ",
    ]


def test_where_nothing_is_found_one_line_says_so():
    assert unstyled(check_lines(checked())) == "site_php may be deployed: nothing was found\n"


def test_what_is_accepted_is_named_and_counts_as_nothing():
    shown = unstyled(check_lines(checked(ACCEPTED)))
    assert shown == "site_php may be deployed: nothing was found\n  accepted: no-probe\n"


def test_text_of_others_cannot_reach_the_terminal():
    evil = replace(FINDING, sentence="node \x1b[2Jx is down")
    assert "\x1b" not in unstyled(check_lines(checked(evil)))


def test_programs_get_every_finding_with_its_severity():
    fields = json.loads(json.dumps(check_json(checked(*EVERYTHING))))
    assert (fields["event"], fields["service"], fields["refused"]) == ("check", "site_php", True)
    assert [(one["code"], one["severity"], one["accepted"]) for one in fields["findings"]] == [
        ("start-first-unplaceable", "error", False),
        ("stop-signal", "warning", False),
        ("no-probe", "warning", True),
        ("mutable-tag", "note", False),
    ]


def test_a_plan_with_errors_says_that_it_would_be_refused():
    shown = unstyled(plan_lines(replace(plan(), findings=(ERROR, ACCEPTED)), "rollout deploy php"))
    assert "✗ start-first-unplaceable: " in shown
    assert "accepted: no-probe" in shown
    assert shown.splitlines()[-1] == "nothing has been changed; the errors would refuse a deployment"


def test_a_refusal_names_the_errors_and_how_to_accept_them_beside_what_is_accepted_already():
    made = replace(plan(), findings=EVERYTHING, options=Options(ignore_checks=("no-probe",)))
    refusal = refusal_of(made)
    assert refusal is not None
    assert agrees_with_golden("check_refused.txt", unstyled(error_lines(refusal)))


def test_a_deployment_that_has_begun_or_has_nothing_to_do_is_not_refused():
    assert refusal_of(replace(plan(), findings=(ERROR,), done=1)) is None
    assert refusal_of(replace(plan(), findings=(ERROR,), kind=PlanKind.SETTLE)) is None
    assert refusal_of(replace(plan(), findings=(replace(ERROR, accepted=True), FINDING))) is None
