"""The pre-pull as lines of a log: on which nodes, and how it went on each. Pure."""

from __future__ import annotations

from rollout.events import PullEnded, PullStarted
from rollout.model import Plan
from rollout.render.names import short
from rollout.render.text import Line, Span, Style, counted, duration, line, safe


def started(event: PullStarted, plan: Plan | None) -> Line:
    """What is pulled, and on how many nodes: there may be many."""
    image = f" {short(plan.new_image)}" if plan else ""
    return line(Span("pre-pull", Style.STRONG), f":{image} on {counted(len(event.nodes), 'node')}")


def ended(event: PullEnded) -> Line:
    """How it went on a node."""
    if event.error:
        return line(Span(f"pre-pull: {safe(event.node)} cannot pull: {safe(event.error)}", Style.BAD))
    return line(f"pre-pull: {safe(event.node)} has it after {duration(event.seconds)}")
