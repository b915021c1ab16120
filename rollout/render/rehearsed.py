"""The end of a rehearsal: what would have become of a deployment, and what its users would have met. Pure."""

from __future__ import annotations

from rollout.rehearsal.result import USERS, Rehearsed
from rollout.render.fields import SCHEMA, Fields
from rollout.render.outcome import error_lines, outcome_lines
from rollout.render.text import Line, Span, Style, counted, labelled, line


def rehearsed_lines(rehearsed: Rehearsed, width: int | None = None) -> list[Line]:
    """The outcome for a person, marked as what it is."""
    title = line(
        Span("rehearsal: nothing has been touched; on a simulated Swarm it ended like this", Style.DIM)
    )
    wished = [part for fault in rehearsed.faults for part in labelled("fault", fault, width, Style.WARN)]
    style = Style.BAD if rehearsed.failed else Style.GOOD
    met = f"{rehearsed.failed} of {counted(rehearsed.requests, 'request')} failed, {USERS:g} a second"
    code = f"`rollout deploy` would have exited with {rehearsed.exit_code}"
    return [
        title,
        *wished,
        (),
        *_end_lines(rehearsed, width),
        (),
        *(labelled("site", met, width, style) if rehearsed.requests else ()),
        *labelled("exit code", code, width),
    ]


def _end_lines(rehearsed: Rehearsed, width: int | None) -> list[Line]:
    if rehearsed.refusal is not None:
        return error_lines(rehearsed.refusal, width)
    return outcome_lines(rehearsed.outcome, width) if rehearsed.outcome else []


def rehearsed_json(rehearsed: Rehearsed) -> Fields:
    """The last line of ``rollout rehearse -o json``, after that of the outcome."""
    return {
        "schema": SCHEMA,
        "event": "rehearsed",
        "faults": list(rehearsed.faults),
        "exit_code": rehearsed.exit_code,
        "requests": rehearsed.requests,
        "failed": rehearsed.failed,
    }
