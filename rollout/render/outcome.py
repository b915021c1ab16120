"""The final words: what became of a deployment, or why a command could not do its work. Pure."""

from __future__ import annotations

from rollout.errors import RolloutError
from rollout.hints import ways_on
from rollout.model import Cause, CauseKind, Outcome, OutcomeKind
from rollout.render.changes import change_line
from rollout.render.names import short, where
from rollout.render.text import (
    Line,
    Span,
    Style,
    counted,
    duration,
    labelled,
    line,
    log_line,
    paragraph,
    safe,
)
from rollout.render.users import sentence

_BACK = frozenset({OutcomeKind.ROLLED_BACK, OutcomeKind.ABORTED})


def outcome_lines(outcome: Outcome, width: int | None = None) -> list[Line]:
    """An outcome for a person, wrapped to ``width`` if there is one."""
    head, style = headline(outcome)
    lines = paragraph(head, 0, width, style)
    for told in (*_told(outcome), *_way_back(outcome)):
        lines += paragraph(told, 2, width)
    lines += _impact_lines(outcome, width)
    return [*lines, *_cause_lines(outcome, width), *_next_lines(outcome, width)]


def error_lines(error: RolloutError, width: int | None = None) -> list[Line]:
    """An error for a person: what happened, and what to do next."""
    lines = _prefixed("error", error.message, Style.BAD, width)
    return lines + (_prefixed("hint", error.hint, Style.NEW, width) if error.hint else [])


def _prefixed(prefix: str, text: str, style: Style, width: int | None) -> list[Line]:
    """One paragraph for each line: a configuration may be wrong in more than one place."""
    told = text.split("\n")
    first, *rest = paragraph(f"{prefix}: {safe(told[0])}", 0, width)
    body = first[1].text.removeprefix(f"{prefix}: ")
    more = [part for one in told[1:] for part in paragraph(safe(one), 2, width)]
    return [line(Span(f"{prefix}:", style), f" {body}"), *rest, *more]


def headline(outcome: Outcome) -> tuple[str, Style]:
    """How it ended, in a line."""
    name, old, new = safe(outcome.service), short(outcome.old_image), short(outcome.new_image)
    if _hook_failed(outcome):
        return f"failed: {name} runs {new}, but what was to follow did not work", Style.BAD
    if outcome.kind is OutcomeKind.REFUSED and outcome.rollback_seconds is not None:
        return (
            f"refused: what was unfinished is taken back, {name} runs {old}; nothing else was begun",
            Style.BAD,
        )
    return {
        OutcomeKind.DEPLOYED: (f"deployed: {name} runs {new}", Style.GOOD),
        OutcomeKind.UNCHANGED: (f"unchanged: {name} runs {new} already", Style.GOOD),
        OutcomeKind.PLANNED: ("planned: nothing has been changed", Style.STRONG),
        OutcomeKind.ROLLED_BACK: (f"rolled back: {name} runs {old} again", Style.BAD),
        OutcomeKind.ABORTED: (f"aborted: {name} runs {old} again", Style.GOOD),
        OutcomeKind.HELD: (f"held: {name} serves, but the deployment of {new} is not finished", Style.WARN),
        OutcomeKind.REFUSED: (f"refused: {name} was not touched, nothing has been changed", Style.BAD),
        OutcomeKind.FAILED: (f"FAILED: {name} NEEDS SOMEONE NOW", Style.ALARM),
    }[outcome.kind]


def _told(outcome: Outcome) -> list[str]:
    """What happened, in sentences."""
    took = duration(outcome.seconds)
    if _hook_failed(outcome):
        return [f"every replica was replaced and serves; an `after` hook failed after {took}"]
    replaced = f"{outcome.replaced} of {counted(outcome.slots, 'replica')} replaced"
    return {
        OutcomeKind.DEPLOYED: [f"{replaced} in {took}, {_was(outcome)}", *_recorded(outcome)],
        OutcomeKind.ROLLED_BACK: [
            f"{_why_back(outcome)}; after {took} the baseline runs in every slot again, and that was verified"
        ],
        OutcomeKind.ABORTED: [
            f"the deployment of {short(outcome.new_image)} was taken back; after {took} the baseline runs in "
            "every slot again, and that was verified"
        ],
        OutcomeKind.HELD: [f"stopped after {took}; nothing moves until someone finishes it or goes back"],
        OutcomeKind.FAILED: [f"after {took} {_failed(outcome)}; rollout does nothing more by itself"],
    }.get(outcome.kind, [])


def _why_back(outcome: Outcome) -> str:
    stopped = outcome.cause is not None and outcome.cause.kind is CauseKind.INTERRUPTED
    return "it was stopped" if stopped else f"{short(outcome.new_image)} did not pass"


def _was(outcome: Outcome) -> str:
    same = outcome.old_image == outcome.new_image
    return "the image is the same" if same else f"was {short(outcome.old_image)}"


def _hook_failed(outcome: Outcome) -> bool:
    """Whether the release itself is well, and only an `after` hook is not."""
    cause = outcome.cause
    return outcome.kind is OutcomeKind.FAILED and cause is not None and cause.kind is CauseKind.HOOK


def _failed(outcome: Outcome) -> str:
    if outcome.cause and outcome.cause.kind is CauseKind.ROLLBACK_FAILED:
        return "the rollback failed"
    return "the deployment ended without a result"


def _recorded(outcome: Outcome) -> list[str]:
    return [] if outcome.revision is None else [f"recorded as revision {outcome.revision}"]


def _way_back(outcome: Outcome) -> list[str]:
    if outcome.kind not in _BACK or outcome.rollback_seconds is None:
        return []
    return [f"the way back took {duration(outcome.rollback_seconds)}"]


def _impact_lines(outcome: Outcome, width: int | None) -> list[Line]:
    """What users met."""
    text = sentence(outcome.impact) if outcome.impact else ""
    style = Style.BAD if outcome.impact and outcome.impact.failed else Style.PLAIN
    return labelled("users", text, width, style) if text else []


def _cause_lines(outcome: Outcome, width: int | None) -> list[Line]:
    cause = outcome.cause
    if cause is None:
        return []
    facts = (
        ("cause", cause.sentence, Style.STRONG),
        ("task", _task(outcome.service, cause), Style.PLAIN),
        ("error", "" if cause.error == cause.sentence else cause.error, Style.BAD),
    )
    told = [labelled(label, safe(text), width, style) for label, text, style in facts if text]
    return [part for lines in told for part in lines] + _change_lines(cause) + _log_lines(cause)


def _change_lines(cause: Cause) -> list[Line]:
    """What somebody else has changed, before and after, secrets hidden."""
    return [line("  ", *change_line(change)) for change in cause.changes]


def _task(service: str, cause: Cause) -> str:
    place = where(service, cause.slot, cause.node) if cause.slot else safe(cause.node)
    return f"{cause.task_id} ({place})" if cause.task_id and place else cause.task_id or place


def _log_lines(cause: Cause) -> list[Line]:
    """A task's last lines, indented, each cleaned of escapes and never wrapped by us."""
    if not cause.log:
        return []
    said = [line(Span("    │ ", Style.DIM), log_line(text)) for text in cause.log]
    title = "  its last log line" + ("s" if len(said) > 1 else "")
    return [line(Span(title, Style.DIM)), *said]


def _next_lines(outcome: Outcome, width: int | None) -> list[Line]:
    advice = next_step(outcome)
    return labelled("next", advice, width, Style.NEW) if advice else []


def next_step(outcome: Outcome) -> str:
    """What to do next: the engine's hint, or our own where it has nothing to say."""
    name = safe(outcome.service)
    return safe(outcome.hint) or {
        OutcomeKind.ROLLED_BACK: f"mend the image, then run `rollout deploy {name}` again",
        OutcomeKind.HELD: ways_on(name),
        OutcomeKind.FAILED: f"look at it with `rollout status {name}`",
    }.get(outcome.kind, "")
