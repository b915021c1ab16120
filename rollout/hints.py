"""What to do next, for every way in which a deployment may end. Pure."""

from __future__ import annotations

from rollout.model import CauseKind, Outcome, OutcomeKind

_REHEARSED = frozenset({CauseKind.SMOKE, CauseKind.HOOK})
_AFTERWARDS = frozenset({CauseKind.HOOK, CauseKind.INTERRUPTED, CauseKind.LOCK_LOST})
"""What ends a deployment whose release is in place already."""


def hint_for(outcome: Outcome) -> str:
    """What to do next."""
    name, kind = outcome.service, outcome.kind
    cause = outcome.cause.kind if outcome.cause else None
    forward, back = (
        f"`rollout deploy {name} --image {image}`" for image in (outcome.new_image, outcome.old_image)
    )
    if kind == OutcomeKind.HELD and cause == CauseKind.FOREIGN_WRITE:
        return f"look at `rollout status {name}`, then deploy again from what is there now"
    if kind == OutcomeKind.HELD:
        return f"the service stands still and serves; {forward} finishes it, {back} goes back"
    if kind == OutcomeKind.FAILED and cause in _AFTERWARDS:
        return f"mend the hook and do what it does by hand; {back} goes back"
    if kind == OutcomeKind.FAILED:
        return f"look at `rollout status {name}` now; {back} tries the way back again"
    if kind == OutcomeKind.ROLLED_BACK:
        return f"mend the release; `rollout status {name}` shows the service"
    if kind == OutcomeKind.REFUSED and cause in _REHEARSED:
        return f"no user has met the release: mend it, then deploy again: {forward}"
    if kind == OutcomeKind.REFUSED and cause == CauseKind.PULL:
        return f"no replica was touched; mend the way to the registry, then deploy again: {forward}"
    return ""
