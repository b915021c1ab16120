"""``rollout show``: one past deployment with what it changed, as text and as JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rollout import diff
from rollout.model import Change
from rollout.render.changes import IMAGE, change_line, image_lines, plainly
from rollout.render.fields import SCHEMA, Fields, change_fields
from rollout.render.history import outcome_of, revision_fields, when
from rollout.render.names import images
from rollout.render.redact import Shown, shown
from rollout.render.text import Line, Span, Style, counted, duration, labelled, line, safe
from rollout.revisions import Revision
from rollout.secrets import without_secrets


def show_lines(revision: Revision, *, secrets: bool = False, width: int | None = None) -> list[Line]:
    """A deployment for a person; ``secrets`` shows the values that are hidden otherwise."""
    title = Span(f"revision {revision.number} of {safe(revision.service)}: ", Style.STRONG)
    facts = [part for label, text in _facts(revision) for part in labelled(label, text, width)]
    return [line(title, outcome_of(revision)), *facts, (), *_change_lines(revision, secrets=secrets)]


def show_json(revision: Revision, *, secrets: bool = False) -> Fields:
    """A deployment as one object."""
    look = _look(secrets=secrets)
    return {
        "schema": SCHEMA,
        "event": "revision",
        **revision_fields(revision),
        "strategy": safe(revision.strategy),
        "order": safe(revision.order),
        "steps": list(revision.steps),
        "gates": [without_secrets(safe(gate)) for gate in revision.gates],
        "changes": [change_fields(change, look) for change in _changes(revision, secrets=secrets)],
    }


def _facts(revision: Revision) -> Iterator[tuple[str, str]]:
    """What is known, by name."""
    facts = {
        "image": images(revision.old_image, revision.new_image),
        "when": when(revision),
        "took": "" if revision.seconds is None else duration(revision.seconds),
        "replaced": _replaced(revision),
        "cause": without_secrets(safe(revision.cause)),
        "who": safe(revision.who),
        "pipeline": safe(revision.pipeline),
        "build": safe(revision.build),
        "commit": safe(revision.commit),
        "branch": safe(revision.branch),
        "stage": safe(revision.stage),
        "strategy": _strategy(revision),
        "gates": ", ".join(without_secrets(safe(gate)) for gate in revision.gates),
    }
    return ((label, text) for label, text in facts.items() if text)


def _replaced(revision: Revision) -> str:
    if revision.replaced is None or revision.slots is None:
        return ""
    return f"{revision.replaced} of {counted(revision.slots, 'replica')}"


def _strategy(revision: Revision) -> str:
    steps = ", ".join(map(str, revision.steps))
    parts = (safe(revision.strategy), safe(revision.order), f"up to {steps} on the target" if steps else "")
    return ", ".join(filter(None, parts))


def _change_lines(revision: Revision, *, secrets: bool) -> list[Line]:
    look = _look(secrets=secrets)
    changes = _changes(revision, secrets=secrets)
    rest = [change_line(change, look) for change in changes if change.path != IMAGE]
    same = revision.old_image == revision.new_image
    images_too = [] if same else image_lines(revision.old_image, revision.new_image)
    return [*images_too, *rest] or [line(Span("  nothing in the spec was changed", Style.DIM))]


def _changes(revision: Revision, *, secrets: bool) -> tuple[Change, ...]:
    compare = diff.unmasked if secrets else diff.changes
    return compare(revision.baseline, revision.target)


def _look(*, secrets: bool) -> Shown:
    return plainly if secrets else shown
