"""A plan for ``rollout plan`` and ``--dry-run``: as text and as JSON. Pure."""

from __future__ import annotations

from rollout.model import Hold, Options, Plan, PlanKind
from rollout.preflight.refusal import refusal_of
from rollout.render.changes import IMAGE, change_line, image_lines
from rollout.render.facts import capacity, facts
from rollout.render.fields import SCHEMA, Fields, change_fields, image_fields
from rollout.render.findings import accepted_lines, finding_fields, finding_lines
from rollout.render.gate_fields import gate_fields, one_shot_fields
from rollout.render.names import images
from rollout.render.plan_line import plan_words
from rollout.render.redact import Shown, shown
from rollout.render.text import Line, Span, Style, labelled, line, safe
from rollout.returning import fewest_serving
from rollout.secrets import without_secrets


def plan_lines(plan: Plan, command: str = "", width: int | None = None, look: Shown = shown) -> list[Line]:
    """The plan for a person; ``command`` is what would carry it out."""
    body = [_head(plan), *_changes(plan, look), *_facts(plan, width), *_findings(plan, width)]
    return [*body, (), _last(plan, command or f"rollout deploy {safe(plan.service.name)}")]


def _head(plan: Plan) -> Line:
    """What it comes to; of a release only the images, since the rest follows below."""
    release = line(Span(images(plan.old_image, plan.new_image), Style.STRONG))
    words = release if plan.kind is PlanKind.RELEASE else plan_words(plan)
    return line(Span(f"plan for {safe(plan.service.name)}: ", Style.STRONG), *words)


def _changes(plan: Plan, look: Shown) -> list[Line]:
    rest = [change for change in plan.changes if change.path != IMAGE]
    new_image = [] if plan.old_image == plan.new_image else image_lines(plan.old_image, plan.new_image)
    return [(), *new_image, *(change_line(change, look) for change in rest)] if new_image or rest else []


def _facts(plan: Plan, width: int | None) -> list[Line]:
    if plan.kind is not PlanKind.RELEASE:
        return []
    return [(), *(part for label, text in facts(plan) for part in labelled(label, safe(text), width))]


def _findings(plan: Plan, width: int | None) -> list[Line]:
    told = finding_lines(plan.findings, width)
    title = [line(Span("not protected", Style.WARN))] if told else []
    accepted = accepted_lines(plan.findings, width)
    return [(), *title, *told, *accepted] if told or accepted else []


def _last(plan: Plan, command: str) -> Line:
    if refusal_of(plan):
        return line(Span("nothing has been changed", Style.STRONG), "; the errors would refuse a deployment")
    if plan.kind is PlanKind.UNCHANGED:
        return line(Span("nothing has been changed, and there is nothing to do", Style.STRONG))
    return line(Span("nothing has been changed", Style.STRONG), "; run `", Span(command, Style.NEW), "`")


def plan_json(plan: Plan, look: Shown = shown) -> Fields:
    """The plan as one JSON object."""
    return {"schema": SCHEMA, "event": "plan", **plan_fields(plan, look)}


def plan_fields(plan: Plan, look: Shown = shown) -> Fields:
    """The plan's fields, without its specs."""
    fewest, most = capacity(plan)
    return {
        "service": safe(plan.service.name),
        "kind": str(plan.kind),
        **image_fields("old", plan.old_image),
        **image_fields("new", plan.new_image),
        "old_source": safe(plan.sources[0]),
        "new_source": safe(plan.sources[1]),
        "changes": [change_fields(change, look) for change in plan.changes],
        "order": str(plan.order),
        "order_reason": safe(plan.order_reason),
        "slots": plan.slots,
        "on_target": plan.done,
        "back": plan.back,
        "steps": [step.upto for step in plan.steps],
        "holds": [_hold_field(step.hold) for step in plan.steps],
        "preview": plan.preview,
        "fewest_serving": fewest,
        "most_running": most,
        "fewest_going_back": fewest_serving(plan),
        **_option_fields(plan),
        "expected_seconds": None if plan.seconds is None else round(plan.seconds, 3),
        "precedents": plan.precedents,
        "findings": [finding_fields(finding) for finding in plan.findings],
    }


def _hold_field(hold: Hold | None) -> float | str | None:
    if hold is None:
        return None
    return "promote" if hold.seconds is None else hold.seconds


def _option_fields(plan: Plan) -> Fields:
    options = plan.options
    return {
        "strategy": options.strategy,
        "min_ready": options.min_ready,
        "start_timeout": options.start_timeout,
        "gate_timeout": options.gate_timeout,
        "progress_timeout": options.progress_timeout,
        "rollback_timeout": options.rollback_timeout,
        "deadline": options.deadline,
        "bake": options.bake,
        "on_failure": str(options.on_failure),
        "on_stuck": str(options.on_stuck),
        "on_interrupt": str(options.on_interrupt),
        "fast_health": options.fast_health,
        "prepull": options.prepull,
        "impact_rate": options.impact_rate,
        "ignore_checks": list(options.ignore_checks),
        "strict": options.strict,
        "keep": options.keep,
        **_proof_fields(options),
        "origin": {option: safe(origin) for option, origin in plan.origin.items()},
    }


def _proof_fields(options: Options) -> Fields:
    """What the release has to pass, and what runs around it."""
    return {
        "probes": [without_secrets(safe(probe.url)) for probe in options.probes],
        "gates": [gate_fields(gate) for gate in (*options.probes, *options.gates)],
        "smoke": one_shot_fields(options.smoke) if options.smoke else None,
        "before": [one_shot_fields(shot) for shot in options.before],
        "after": [one_shot_fields(shot) for shot in options.after],
        "on_rollback": [one_shot_fields(shot) for shot in options.on_rollback],
    }
