"""The end of a rehearsal: what would have become of a deployment, and what its users would have met. Pure."""

from __future__ import annotations

from rollout.errors import exit_code_of
from rollout.rehearsal.result import USERS, Rehearsed
from rollout.render.fields import SCHEMA, Fields
from rollout.render.outcome import outcome_lines
from rollout.render.text import Line, Span, Style, counted, labelled, line


def rehearsed_lines(rehearsed: Rehearsed, width: int | None = None) -> list[Line]:
    """The outcome for a person, marked as what it is."""
    title = line(
        Span("rehearsal: nothing has been touched; on a simulated Swarm it ended like this", Style.DIM)
    )
    wished = [part for fault in rehearsed.faults for part in labelled("fault", fault, width, Style.WARN)]
    style = Style.BAD if rehearsed.failed else Style.GOOD
    met = f"{rehearsed.failed} of {counted(rehearsed.requests, 'request')} failed, {USERS:g} a second"
    code = f"`rollout deploy` would have exited with {int(exit_code_of(rehearsed.outcome))}"
    return [
        title,
        *wished,
        (),
        *outcome_lines(rehearsed.outcome, width),
        (),
        *labelled("site", met, width, style),
        *labelled("exit code", code, width),
    ]


def rehearsed_json(rehearsed: Rehearsed) -> Fields:
    """The last line of ``rollout rehearse -o json``, after that of the outcome."""
    return {
        "schema": SCHEMA,
        "event": "rehearsed",
        "faults": list(rehearsed.faults),
        "exit_code": int(exit_code_of(rehearsed.outcome)),
        "requests": rehearsed.requests,
        "failed": rehearsed.failed,
    }
