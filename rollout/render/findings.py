"""Findings of the checks before a deployment: as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rollout.model import Finding, Plan, Severity
from rollout.preflight import refusing
from rollout.preflight.refusal import refuses_releases
from rollout.render.fields import SCHEMA, Fields
from rollout.render.text import Line, Span, Style, counted, line, paragraph, safe

_MARKS = {
    Severity.ERROR: ("✗ ", Style.BAD),
    Severity.WARNING: ("! ", Style.WARN),
    Severity.NOTE: ("- ", Style.PLAIN),
}


def check_lines(plan: Plan, width: int | None = None) -> list[Line]:
    """What `rollout check` says to a person."""
    return [_head(plan), *finding_lines(plan.findings, width), *accepted_lines(plan.findings, width)]


def finding_lines(findings: Iterable[Finding], width: int | None) -> list[Line]:
    """Each finding that nobody has accepted: its code, its sentence, and what mends it."""
    return [part for finding in findings if not finding.accepted for part in _finding(finding, width)]


def accepted_lines(findings: Iterable[Finding], width: int | None) -> list[Line]:
    """The codes of those that somebody has accepted."""
    codes = [finding.code for finding in findings if finding.accepted]
    return paragraph(f"accepted: {', '.join(codes)}", 2, width, Style.DIM) if codes else []


def _head(plan: Plan) -> Line:
    name, told = safe(plan.service.name), counts(plan.findings)
    if refuses_releases(plan):
        return line(Span(f"{name} would be refused: ", Style.BAD), told)
    if told:
        return line(Span(f"{name} {_standing(plan)}: ", Style.STRONG), told)
    return line(Span(f"{name} may be deployed: nothing was found", Style.GOOD))


def _standing(plan: Plan) -> str:
    """Why its errors, if it has any, refuse nothing."""
    if not refusing(plan.findings):
        return "may be deployed"
    return "is half-way and may go on" if plan.done and plan.steps else "has nothing to replace"


def counts(findings: Sequence[Finding]) -> str:
    """How many there are of each severity, those left out that somebody has accepted."""
    open_ = [finding.severity for finding in findings if not finding.accepted]
    return ", ".join(
        counted(open_.count(severity), severity.value) for severity in Severity if severity in open_
    )


def _finding(finding: Finding, width: int | None) -> list[Line]:
    mark, style = _MARKS[finding.severity]
    sentence = _marked(mark, f"{finding.code}: {safe(finding.sentence)}", style, width)
    return sentence + (_marked("  ", safe(finding.remedy), Style.DIM, width) if finding.remedy else [])


def _marked(marker: str, text: str, style: Style, width: int | None) -> list[Line]:
    first, *rest = paragraph(text, 4, width, style)
    return [line(Span(f"  {marker}", style), *first[1:]), *rest]


def check_json(plan: Plan) -> Fields:
    """What `rollout check` says to a program."""
    return {
        "schema": SCHEMA,
        "event": "check",
        "service": safe(plan.service.name),
        "refused": refuses_releases(plan),
        "findings": [finding_fields(finding) for finding in plan.findings],
    }


def finding_fields(finding: Finding) -> Fields:
    """One finding."""
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "accepted": finding.accepted,
        "sentence": safe(finding.sentence),
        "remedy": safe(finding.remedy),
    }
