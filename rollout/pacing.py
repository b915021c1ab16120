"""How Swarm's updater is paced: what releases and rollbacks write into the update settings, and its signs.

Pure functions over the raw structure, as in ``rollout.spec``.
"""

from __future__ import annotations

from rollout import spec as specs
from rollout.model import Order, Spec

HOLD_DELAY = 30 * 24 * 3600 * specs.NANOSECONDS
"""The pause after each release, in ns: Swarm's updater replaces a batch and then sleeps this long.

Nothing more moves in the meantime, also when the process that drove it is dead. Releases add their own
number of ns, because a spec equal to the last one changes nothing (seen on 20.10 and 28.5).
"""


def released(target: Spec, slots: int, order: Order, number: int) -> Spec:
    """The write that lets Swarm replace ``slots`` slots by the target and then stand still.

    A batch that fails pauses the updater, for as long as we may take to judge it.
    """
    return _paced(target, slots, order, HOLD_DELAY + number)


def marked(released: Spec, mark: str) -> Spec:
    """A release's write with a label of its own, which restarts nothing."""
    return {**released, "Labels": {**specs.labels(released), specs.MARK: mark}}


def rolled_back(baseline: Spec, slots: int, order: Order, number: int = 1) -> Spec:
    """The write that brings the baseline back in so many slots at once (0 would mean all, so never 0).

    ``number`` counts the tries: it is the delay in ns, so that no try is equal to the one before.

    The monitor is long: when an update completes, Swarm removes a slot's surplus task, and may choose the one
    that serves (seen on 20.10). So it must not complete before every task runs and the last write is made.
    """
    return _paced(baseline, max(1, slots), order, number)


def _paced(spec: Spec, slots: int, order: Order, delay: int) -> Spec:
    if slots < 1:
        raise ValueError(f"a write has to name the slots it replaces, 0 would mean all of them: {slots}")
    edited = specs.raw(spec)
    edited["UpdateConfig"] = {
        "Parallelism": slots,
        "Delay": delay,
        "FailureAction": "pause",
        "Monitor": HOLD_DELAY,
        "MaxFailureRatio": 0,
        "Order": str(order),
    }
    return edited


def rollback_number(spec: Spec) -> int:
    """The number of the rollback that wrote this spec; 0 if it is not one of our rollbacks."""
    config = spec.get("UpdateConfig") or {}
    delay = int(config.get("Delay") or 0)
    return delay if config.get("Monitor") == HOLD_DELAY and delay < specs.NANOSECONDS else 0


def release_number(spec: Spec) -> int | None:
    """The number of the release that wrote this spec; None if it is not one of our releases."""
    delay = int((spec.get("UpdateConfig") or {}).get("Delay") or 0)
    return delay - HOLD_DELAY if 0 < delay - HOLD_DELAY < specs.NANOSECONDS else None


def is_paced(spec: Spec) -> bool:
    """Whether a write of ours, a release or a rollback, has left its pacing or its mark in it."""
    return release_number(spec) is not None or rollback_number(spec) > 0 or specs.MARK in specs.labels(spec)


def settled(found: Spec, known: Spec | None) -> Spec:
    """A spec without our pacing: with the update settings of ``known``, as the service's owner had them.

    Somebody who changes a service in mid-deployment writes our pacing back with it.
    """
    if not is_paced(found):
        return found
    kept = {key: value for key, value in found.items() if key != "UpdateConfig"}
    own = {"UpdateConfig": known["UpdateConfig"]} if known and known.get("UpdateConfig") else {}
    return kept | own | {"Labels": specs.without_mark(found)}
