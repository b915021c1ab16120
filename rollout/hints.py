"""What to do next, for every way in which a deployment may end. Pure."""

from __future__ import annotations

from rollout.model import CauseKind, Outcome, OutcomeKind

_MEND_FIRST = {
    CauseKind.SMOKE: "no user has met the release: mend it",
    CauseKind.HOOK: "no user has met the release: mend it",
    CauseKind.PULL: "no replica was touched: mend the way to the registry",
}
"""What has to be done before a refused deployment is tried again."""
_AFTERWARDS = frozenset({CauseKind.HOOK, CauseKind.INTERRUPTED, CauseKind.LOCK_LOST})
"""What ends a deployment whose release is in place already."""


def hint_for(outcome: Outcome) -> str:
    """What to do next."""
    name, kind = outcome.service, outcome.kind
    cause = outcome.cause.kind if outcome.cause else None
    again, before = (
        f"`rollout deploy {name} --image {image}`" for image in (outcome.new_image, outcome.old_image)
    )
    if kind == OutcomeKind.HELD and cause == CauseKind.FOREIGN_WRITE:
        return f"look at `rollout status {name}`, then deploy again from what is there now"
    if kind == OutcomeKind.HELD:
        return f"the service stands still and serves; {ways_on(name)}"
    if kind == OutcomeKind.FAILED:
        return _after_failure(name, cause, before)
    if kind == OutcomeKind.ROLLED_BACK and cause == CauseKind.INTERRUPTED:
        return f"{again} begins anew"
    if kind == OutcomeKind.ROLLED_BACK:
        return f"mend the release; `rollout status {name}` shows the service"
    if kind == OutcomeKind.REFUSED and cause in _MEND_FIRST:
        return f"{_MEND_FIRST[cause]}, then deploy again: {again}"
    return ""


def _after_failure(name: str, cause: CauseKind | None, before: str) -> str:
    if cause in _AFTERWARDS:
        return f"mend the hook and do what it does by hand; {before} goes back"
    if cause == CauseKind.REMOVED:
        return "`rollout status` shows the services that there are"
    return f"look at `rollout status {name}` now; `rollout abort {name}` tries the way back again"


def ways_on(name: str) -> str:
    """What can be done with an unfinished deployment that nobody is at work on."""
    return f"`rollout resume {name}` finishes it, `rollout abort {name}` goes back"
