"""A plan for ``rollout plan`` and ``--dry-run``: as text and as JSON. Pure."""

from __future__ import annotations

from typing import TypeAlias

from rollout.model import Change, Finding, HttpProbe, OnFailure, Order, Plan, PlanKind
from rollout.render.fields import SCHEMA, Fields, image_fields
from rollout.render.names import images, step_sizes, steps
from rollout.render.redact import shown
from rollout.render.story import plan_words
from rollout.render.text import Line, Span, Style, counted, duration, labelled, line, paragraph, safe

Fact: TypeAlias = tuple[str, str]

_NOBODY = "default"
_IMAGE = "TaskTemplate.ContainerSpec.Image"

_ON_FAILURE = {
    OnFailure.ROLLBACK: "roll back: the baseline is written, and verified in every slot",
    OnFailure.HOLD: "hold: it stays where it is, serving, until someone finishes or aborts it",
}


def plan_lines(plan: Plan, command: str = "", width: int | None = None) -> list[Line]:
    """The plan for a person; ``command`` is what would carry it out."""
    body = [_head(plan), *_changes(plan), *_facts(plan, width), *_findings(plan, width)]
    return [*body, (), _last(plan, command or f"rollout deploy {safe(plan.service.name)}")]


def _head(plan: Plan) -> Line:
    """What it comes to; of a release only the images, since the rest follows below."""
    release = line(Span(images(plan.old_image, plan.new_image), Style.STRONG))
    words = release if plan.kind is PlanKind.RELEASE else plan_words(plan)
    return line(Span(f"plan for {safe(plan.service.name)}: ", Style.STRONG), *words)


def _changes(plan: Plan) -> list[Line]:
    rest = [change for change in plan.changes if change.path != _IMAGE]
    new_image = [] if plan.old_image == plan.new_image else _image_lines(plan)
    return [(), *new_image, *map(_change, rest)] if new_image or rest else []


def _image_lines(plan: Plan) -> list[Line]:
    """The whole references, one under the other, so that the eye finds the difference."""
    return [
        line("  ", Span("- image  ", Style.BAD), safe(str(plan.old_image))),
        line("  ", Span("+ image  ", Style.GOOD), safe(str(plan.new_image))),
    ]


def _change(change: Change) -> Line:
    before, after = shown(change)
    path = safe(change.path)
    if before is None:
        return line("  ", Span("+ ", Style.GOOD), f"{path}: {after}")
    if after is None:
        return line("  ", Span("- ", Style.BAD), f"{path}: {before}")
    values = before if before == after else f"{before} → {after}"
    return line("  ", Span("~ ", Style.WARN), f"{path}: {values}")


def _facts(plan: Plan, width: int | None) -> list[Line]:
    if plan.kind is not PlanKind.RELEASE:
        return []
    facts = [*_way(plan), *_gates(plan), *_limits(plan), *_origins(plan)]
    return [(), *(part for label, text in facts for part in labelled(label, safe(text), width))]


def _way(plan: Plan) -> list[Fact]:
    return [
        ("order", f"{plan.order}: {plan.order_reason}" if plan.order_reason else plan.order),
        ("steps", steps(plan)),
        ("", _steps_list(plan)),
        ("capacity", _capacity(plan)),
    ]


def _steps_list(plan: Plan) -> str:
    """Up to how many slots each step goes."""
    upto = [str(step.upto) for step in plan.steps]
    if len(upto) > 12:
        upto = [*upto[:6], "...", *upto[-3:]]
    return f"on the target after each: {', '.join(upto)} of {plan.slots}"


def _capacity(plan: Plan) -> str:
    fewest, most = capacity(plan)
    serving = f"at least {fewest} of {counted(plan.slots, 'replica')} serve"
    return f"{serving}, at most {most} run at once (and those that drain)"


def capacity(plan: Plan) -> tuple[int, int]:
    """The fewest replicas that serve and the most that run at once, if all goes well."""
    largest = max(step_sizes(plan), default=0)
    if plan.order is Order.START_FIRST:
        return plan.slots, plan.slots + largest
    return plan.slots - largest, plan.slots


def _gates(plan: Plan) -> list[Fact]:
    return [
        ("gates", "health: every task of the batch runs (with a HEALTHCHECK: is healthy), and none dies"),
        ("", f"ready: they stay up for {duration(plan.options.min_ready)}"),
        *(("", _probe(probe)) for probe in plan.options.probes),
    ]


def _probe(probe: HttpProbe) -> str:
    answer = f"status {probe.expect_status}" if probe.expect_status else "a good status"
    within = duration(probe.timeout)
    return f"{probe.url}: requests get {answer} within {within}; one miss in a step is forgiven"


def _limits(plan: Plan) -> list[Fact]:
    options = plan.options
    start, deadline = duration(options.start_timeout), duration(options.deadline)
    return [
        ("limits", f"{start} for a batch to start, {deadline} for the deployment"),
        ("bake", f"watched for {duration(options.bake)} more after the last step"),
        ("on failure", _ON_FAILURE[options.on_failure]),
        ("takes", f"about {duration(plan.seconds)}" if plan.seconds is not None else "not known beforehand"),
    ]


def _origins(plan: Plan) -> list[Fact]:
    """Who set what: only what somebody has set."""
    by_hand = [f"{option} by {origin}" for option, origin in plan.origin.items() if origin != _NOBODY]
    return [("set", ", ".join(by_hand))] if by_hand else []


def _findings(plan: Plan, width: int | None) -> list[Line]:
    if not plan.findings:
        return []
    lines = [part for finding in plan.findings for part in _finding(finding, width)]
    return [(), line(Span("not protected", Style.WARN)), *lines]


def _finding(finding: Finding, width: int | None) -> list[Line]:
    sentence = _marked("! ", safe(finding.sentence), Style.WARN, width)
    return sentence + (_marked("  ", safe(finding.remedy), Style.DIM, width) if finding.remedy else [])


def _marked(marker: str, text: str, style: Style, width: int | None) -> list[Line]:
    first, *rest = paragraph(text, 4, width, style)
    return [line(Span(f"  {marker}", style), *first[1:]), *rest]


def _last(plan: Plan, command: str) -> Line:
    if plan.kind is PlanKind.UNCHANGED:
        return line(Span("nothing has been changed, and there is nothing to do", Style.STRONG))
    return line(Span("nothing has been changed", Style.STRONG), "; run `", Span(command, Style.NEW), "`")


def plan_json(plan: Plan) -> Fields:
    """The plan as one JSON object."""
    return {"schema": SCHEMA, "event": "plan", **plan_fields(plan)}


def plan_fields(plan: Plan) -> Fields:
    """The plan's fields, without its specs."""
    fewest, most = capacity(plan)
    return {
        "service": safe(plan.service.name),
        "kind": str(plan.kind),
        **image_fields("old", plan.old_image),
        **image_fields("new", plan.new_image),
        "changes": [_change_fields(change) for change in plan.changes],
        "order": str(plan.order),
        "order_reason": safe(plan.order_reason),
        "slots": plan.slots,
        "on_target": plan.done,
        "steps": [step.upto for step in plan.steps],
        "fewest_serving": fewest,
        "most_running": most,
        **_option_fields(plan),
        "expected_seconds": None if plan.seconds is None else round(plan.seconds, 3),
        "findings": [_finding_fields(finding) for finding in plan.findings],
    }


def _change_fields(change: Change) -> Fields:
    before, after = shown(change)
    return {"path": safe(change.path), "before": before, "after": after}


def _finding_fields(finding: Finding) -> Fields:
    return {"code": finding.code, "sentence": safe(finding.sentence), "remedy": safe(finding.remedy)}


def _option_fields(plan: Plan) -> Fields:
    options = plan.options
    return {
        "strategy": options.strategy,
        "min_ready": options.min_ready,
        "start_timeout": options.start_timeout,
        "deadline": options.deadline,
        "bake": options.bake,
        "on_failure": str(options.on_failure),
        "probes": [safe(probe.url) for probe in options.probes],
        "origin": {option: safe(origin) for option, origin in plan.origin.items()},
    }
