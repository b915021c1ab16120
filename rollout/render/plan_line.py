"""A plan in a line. Pure."""

from __future__ import annotations

from rollout.model import Plan, PlanKind
from rollout.render.names import images, short, steps
from rollout.render.text import Line, Span, Style, counted, line, safe


def plan_words(plan: Plan) -> Line:
    """The plan in a line."""
    return {
        PlanKind.UNCHANGED: _unchanged,
        PlanKind.SETTLE: _settle,
        PlanKind.RELEASE: _release,
        PlanKind.ABORT: _abort,
    }[plan.kind](plan)


def _unchanged(plan: Plan) -> Line:
    new = Span(short(plan.new_image), Style.STRONG)
    return line(f"nothing to do, {safe(plan.service.name)} runs ", new, f" in {_all_of(plan.slots)}")


def _settle(plan: Plan) -> Line:
    new = Span(short(plan.new_image), Style.STRONG)
    return line("no replica to replace, the spec is only written, with ", new)


def _release(plan: Plan) -> Line:
    what = Span(images(plan.old_image, plan.new_image), Style.STRONG)
    return line(what, f", {plan.order}, {steps(plan)}")


def _abort(plan: Plan) -> Line:
    old = Span(short(plan.old_image), Style.STRONG)
    return line(f"{plan.done} of {counted(plan.slots, 'replica')} to go back to ", old, f", {plan.order}")


def _all_of(slots: int) -> str:
    return f"{slots} of {counted(slots, 'replica')}"
