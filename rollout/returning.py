"""The way back as numbers: which task of a slot moves first, how many slots at once, and what serves. Pure.

Swarm's updater takes slots at random and goes on to the next one as soon as an earlier one runs, after a
delay of a few ns (moby/swarmkit manager/orchestrator/update/updater.go, worker). So its parallelism alone
bounds how many replicas are down for the sake of the way back.
"""

from __future__ import annotations

from math import ceil

from rollout.model import Cause, CauseKind, Order, Plan


def order_for(cause: Cause, plan: Plan, touched: int) -> Order:
    """Which task moves first on the way back.

    A wrong answer is worse than a missing replica: tasks that answer users with errors go first, where they
    are no more than a step and others can carry the load. Tasks that serve nobody harm nobody, so the
    baseline may start beside them.
    """
    others_carry = touched <= plan.at_once and touched < plan.slots
    return Order.STOP_FIRST if cause.kind == CauseKind.PROBE and others_carry else plan.order


def parallelism(plan: Plan, order: Order, slots: int) -> int:
    """How many of so many slots go back at once: where they stop first, no more than a step has released."""
    return slots if order == Order.START_FIRST else max(1, min(slots, plan.at_once))


def rounds(plan: Plan, order: Order, slots: int) -> int:
    """In how many batches so many slots go back."""
    return max(1, ceil(slots / parallelism(plan, order, slots))) if slots else 1


def fewest_serving(plan: Plan) -> int:
    """The replicas that the way back leaves alone at any moment; what the release has cost comes on top."""
    if plan.order == Order.STOP_FIRST:
        return max(0, plan.slots - plan.at_once)
    may_stop_first = bool(plan.options.probes) and plan.at_once < plan.slots
    return plan.slots - plan.at_once if may_stop_first else plan.slots
