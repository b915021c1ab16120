"""What to do next, for every way in which a deployment may end. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rollout.model import CauseKind, Image, Outcome, OutcomeKind

_MEND_FIRST = {
    CauseKind.SMOKE: "no user has met the release: mend it",
    CauseKind.HOOK: "no user has met the release: mend it",
    CauseKind.PULL: "no replica was touched: mend the way to the registry",
}
"""What has to be done before a refused deployment is tried again."""
_AFTERWARDS = frozenset({CauseKind.HOOK, CauseKind.INTERRUPTED, CauseKind.HALTED, CauseKind.LOCK_LOST})
"""What ends a deployment whose release is in place already."""


def hint_for(outcome: Outcome) -> str:
    """What to do next."""
    say = _BY_KIND.get(outcome.kind)
    return say(outcome, outcome.cause.kind if outcome.cause else None) if say else ""


def _held(outcome: Outcome, cause: CauseKind | None) -> str:
    if cause == CauseKind.FOREIGN_WRITE:
        return f"look at `rollout status {outcome.service}`, then deploy again from what is there now"
    return f"the service stands still and serves; {ways_on(outcome.service)}"


def _failed(outcome: Outcome, cause: CauseKind | None) -> str:
    if cause in _AFTERWARDS:
        return f"mend the hook and do what it does by hand; {_deploy(outcome, outcome.old_image)} goes back"
    if cause == CauseKind.REMOVED:
        return "`rollout status` shows the services that there are"
    return f"look at `rollout status {outcome.service}` now; {way_back(outcome.service)}"


def _rolled_back(outcome: Outcome, cause: CauseKind | None) -> str:
    if cause == CauseKind.INTERRUPTED:
        return f"{_deploy(outcome, outcome.new_image)} begins anew"
    return f"mend the release; `rollout status {outcome.service}` shows the service"


def _refused(outcome: Outcome, cause: CauseKind | None) -> str:
    if cause == CauseKind.LOCK_LOST:
        whose = f"`rollout lock show {outcome.service}` tells who has the lock"
        return f"nothing has been changed by this one; {whose}"
    if cause not in _MEND_FIRST:
        return ""
    return f"{_MEND_FIRST[cause]}, then deploy again: {_deploy(outcome, outcome.new_image)}"


def _deploy(outcome: Outcome, image: Image) -> str:
    return f"`rollout deploy {outcome.service} --image {image}`"


_BY_KIND: Mapping[OutcomeKind, Callable[[Outcome, CauseKind | None], str]] = {
    OutcomeKind.HELD: _held,
    OutcomeKind.FAILED: _failed,
    OutcomeKind.ROLLED_BACK: _rolled_back,
    OutcomeKind.REFUSED: _refused,
}


def way_back(name: str) -> str:
    """What can be done after a rollback that did not succeed."""
    return f"`rollout abort {name}` tries the way back again"


def ways_on(name: str) -> str:
    """What can be done with an unfinished deployment that nobody is at work on."""
    return f"`rollout resume {name}` finishes it, `rollout abort {name}` goes back"
