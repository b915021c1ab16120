"""From what is there and what is wanted to a plan. Pure: the same arguments make the same plan.

There is no saved cursor: the snapshot says which slots already run the target, so planning again after a
crash is resuming.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from rollout import diff, spec
from rollout.model import (
    Finding,
    Mode,
    Options,
    Order,
    Plan,
    PlanKind,
    Situation,
    Slot,
    Snapshot,
    Spec,
    Step,
    Watched,
)
from rollout.model.plan import at_once_of
from rollout.stepping import Strategy, steps_of

UNWATCHED = Watched()
"""No pause is over."""


@dataclass(frozen=True)
class Wish:
    """What a deployment wants: from the ``baseline`` to the ``target``, this carefully.

    ``origin`` says for each option who set it, where that was not the default; ``watched`` is how far the
    pauses of an interrupted deployment are over.
    """

    baseline: Spec
    target: Spec
    options: Options
    origin: Mapping[str, str] = field(default_factory=dict)
    watched: Watched = UNWATCHED


def make(snapshot: Snapshot, wish: Wish, findings: tuple[Finding, ...], strategy: Strategy) -> Plan:
    """The plan for a service as it stands."""
    slots = _slots(snapshot, wish.target)
    done = _done(snapshot, wish.target)
    kind = _kind(snapshot, wish.target, slots, done)
    order, _ = choose_order(wish)
    steps = _steps(kind, _situation(slots, done, wish, order), strategy, wish.options.strategy)
    return _plan(snapshot, wish, kind, steps, findings)


def after_taking_back(
    snapshot: Snapshot, wish: Wish, findings: tuple[Finding, ...], strategy: Strategy
) -> Plan:
    """The plan for a service whose unfinished deployment is taken back to the baseline first."""
    as_if = replace(snapshot.service, spec=wish.baseline)
    slots = tuple(_taken_back(slot) for slot in snapshot.slots)
    anew = replace(wish, watched=UNWATCHED)
    made = make(Snapshot(as_if, slots, snapshot.nodes), anew, findings, strategy)
    back = sum(slot.touched for slot in snapshot.slots)
    if made.kind == PlanKind.UNCHANGED:  # then the way back is all that there is to do
        made = replace(made, kind=PlanKind.ABORT, done=back)
    return replace(made, service=snapshot.service, back=back)


def _taken_back(slot: Slot) -> Slot:
    """The slot as it will be: with one task, of the baseline."""
    return Slot(slot.key, tuple(replace(task, up_to_date=True) for task in slot.wanted[:1]))


def way_back(snapshot: Snapshot, wish: Wish, at_once: int) -> Plan:
    """The plan that takes an unfinished deployment of this wish back: no steps, one rollback.

    ``at_once`` is the most slots that one of its steps has released.
    """
    return replace(_plan(snapshot, wish, PlanKind.ABORT, (), ()), at_once=at_once)


def restoration(plan: Plan) -> Plan:
    """The same aim, as a way back to it: all slots at once, and nowhere else to go back to."""
    return replace(
        plan,
        kind=PlanKind.ABORT,
        baseline=plan.target,
        before=plan.baseline,
        old_image=plan.new_image,
        new_image=plan.old_image,
        steps=(),
        done=plan.slots,
        at_once=max(1, plan.slots),
        back=None,
    )


def at_scale_of(plan: Plan, current: Spec) -> Plan:
    """The same plan for the replicas that are wanted now; its steps are as they were."""
    replicas = spec.replicas(current)
    return replace(
        plan,
        baseline=spec.with_scale_of(plan.baseline, current),
        target=spec.with_scale_of(plan.target, current),
        slots=plan.slots if replicas is None else replicas,
    )


def again(plan: Plan, snapshot: Snapshot, strategy: Strategy) -> Plan:
    """The plan from where the service stands now, at the scale that it has now."""
    scaled = at_scale_of(plan, snapshot.service.spec)
    wish = Wish(scaled.baseline, scaled.target, plan.options, plan.origin, plan.watched)
    return replace(make(snapshot, wish, plan.findings, strategy), sources=plan.sources)


def _plan(
    snapshot: Snapshot, wish: Wish, kind: PlanKind, steps: tuple[Step, ...], findings: tuple[Finding, ...]
) -> Plan:
    order, reason = choose_order(wish)
    done = _done(snapshot, wish.target)
    return Plan(
        kind=kind,
        service=snapshot.service,
        baseline=wish.baseline,
        target=wish.target,
        old_image=spec.image(wish.baseline),
        new_image=spec.image(wish.target),
        changes=diff.changes(wish.baseline, wish.target),
        order=order,
        order_reason=reason,
        slots=_slots(snapshot, wish.target),
        done=done,
        steps=steps,
        options=wish.options,
        origin=wish.origin,
        findings=findings,
        seconds=_expected_seconds(snapshot, steps, wish.options),
        watched=wish.watched if done else UNWATCHED,
        at_once=at_once_of([done, *(step.upto for step in steps)]),
    )


def choose_order(wish: Wish) -> tuple[Order, str]:
    """Start-first where it can work, stop-first where it cannot, and why."""
    target, wished = wish.target, wish.options.order
    if wished is not None:
        return wished, f"set by {wish.origin.get('order', 'the caller')}"
    if spec.has_host_ports(target):
        return Order.STOP_FIRST, "a port is published in host mode: two tasks cannot share it on one node"
    if spec.max_per_node(target):
        return Order.STOP_FIRST, "max_replicas_per_node leaves no room for a second task"
    if spec.replicas(target) == 1 and (volumes := spec.own_volumes(target)):
        return Order.STOP_FIRST, f"two tasks would write to the volume {volumes[0]} at the same time"
    return Order.START_FIRST, "the new replica is running before the old one stops"


def _slots(snapshot: Snapshot, target: Spec) -> int:
    replicas = spec.replicas(target) if spec.mode(target) == Mode.REPLICATED else None
    return len(snapshot.slots) if replicas is None else replicas


def _done(snapshot: Snapshot, target: Spec) -> int:
    """Slots that Swarm would not replace any more; what they are worth, the gates will say."""
    if not spec.same_work(snapshot.service.spec, target):
        return 0
    return sum(slot.touched for slot in snapshot.slots)


def _kind(snapshot: Snapshot, target: Spec, slots: int, done: int) -> PlanKind:
    current = snapshot.service.spec
    if spec.same(current, target) and done >= slots:
        return PlanKind.UNCHANGED
    return PlanKind.RELEASE if slots and not _moves_nobody(snapshot, target) else PlanKind.SETTLE


def _moves_nobody(snapshot: Snapshot, target: Spec) -> bool:
    """Whether the target is other words for what every replica runs: labels of the service, say."""
    current = snapshot.service.spec
    return (
        all(slot.done for slot in snapshot.slots)
        and spec.leaves_tasks(current, target)
        and not spec.same_work(current, target)
    )


def _steps(kind: PlanKind, situation: Situation, strategy: Strategy, name: str) -> tuple[Step, ...]:
    """The strategy's steps; what an interrupted deployment left unjudged is judged before anything moves."""
    if kind != PlanKind.RELEASE:
        return ()
    steps = steps_of(strategy, situation, name)
    judged = not situation.done or (steps and steps[0].upto == situation.done)
    return steps if judged else (Step(upto=situation.done), *steps)


def _situation(slots: int, done: int, wish: Wish, order: Order) -> Situation:
    options, watched = wish.options, wish.watched.of(slots) if done else 0
    return Situation(slots, done, options.batch, options.stages, options.pause, options.rest, order, watched)


def _expected_seconds(snapshot: Snapshot, steps: Sequence[Step], options: Options) -> float | None:
    """A guess from how long the present tasks took to start; None where that is not known."""
    starts = [task.start_seconds for slot in snapshot.slots for task in slot.wanted if task.start_seconds]
    if not starts or not steps:
        return None
    return len(steps) * (median(starts) + options.min_ready) + options.bake + pauses(steps)


def pauses(steps: Sequence[Step]) -> float:
    """The seconds of the pauses whose length is known."""
    return sum(step.hold.seconds or 0.0 for step in steps if step.hold)
