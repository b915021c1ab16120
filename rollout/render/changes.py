"""The difference of two specs, a line a field: for plans and for what has been. Pure."""

from __future__ import annotations

from dataclasses import replace

from rollout.diff import unmasked
from rollout.model import Change, Image, Plan
from rollout.render.redact import Shown, shown
from rollout.render.text import Line, Span, Style, line, safe
from rollout.untrusted import plain

IMAGE = "TaskTemplate.ContainerSpec.Image"


def plainly(change: Change) -> tuple[str | None, str | None]:
    """The values as they are, secrets too, but for what a terminal would obey."""
    before, after = (
        None if value is None else plain(value, len(value)) for value in (change.before, change.after)
    )
    return before, after


def revealed(plan: Plan) -> Plan:
    """The plan with its changes' values unmasked: for a person who asks for them only."""
    return replace(plan, changes=unmasked(plan.baseline, plan.target))


def image_lines(old: Image, new: Image) -> list[Line]:
    """The whole references, one under the other, so that the eye finds the difference."""
    return [
        line("  ", Span("- image  ", Style.BAD), safe(str(old))),
        line("  ", Span("+ image  ", Style.GOOD), safe(str(new))),
    ]


def change_line(change: Change, look: Shown = shown) -> Line:
    """What came, what went, or what became of a field."""
    before, after = look(change)
    path = safe(change.path)
    if before is None:
        return line("  ", Span("+ ", Style.GOOD), f"{path}: {after}")
    if after is None:
        return line("  ", Span("- ", Style.BAD), f"{path}: {before}")
    values = before if before == after else f"{before} → {after}"
    return line("  ", Span("~ ", Style.WARN), f"{path}: {values}")
