"""Events as lines of a log: ``tell(event, scene)`` says what is new to the scene before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from rollout import events as on
from rollout.errors import exit_code_of
from rollout.model import Finding, Plan, PlanKind, TaskState, Verdict
from rollout.render.names import gate, images, short, steps, where
from rollout.render.scene import Scene, TaskChange
from rollout.render.sight import seen
from rollout.render.text import Line, Span, Style, counted, duration, line, safe


@dataclass(frozen=True)
class Said:
    """One line; a ``detail`` is left to logs where the screen shows it anyway."""

    spans: Line
    detail: bool = False


@singledispatch
def tell(_event: on.Event, _scene: Scene) -> list[Said]:
    """The lines for an event; none where nothing is new."""
    return []


@tell.register
def _note(event: on.Note, _scene: Scene) -> list[Said]:
    if event.warning:
        return [Said(line(Span(f"warning: {safe(event.sentence)}", Style.WARN)))]
    return [Said(line(safe(event.sentence)))]


@tell.register
def _planned(event: on.Planned, _scene: Scene) -> list[Said]:
    return [Said(line("plan: ", *plan_words(event.plan))), *map(_unprotected, event.plan.findings)]


def plan_words(plan: Plan) -> Line:
    """The plan in a line."""
    return {
        PlanKind.UNCHANGED: _unchanged,
        PlanKind.SETTLE: _settle,
        PlanKind.RELEASE: _release,
    }[plan.kind](plan)


def _unchanged(plan: Plan) -> Line:
    new = Span(short(plan.new_image), Style.STRONG)
    return line(f"nothing to do, {safe(plan.service.name)} runs ", new, f" in {_all_of(plan.slots)}")


def _settle(plan: Plan) -> Line:
    new = Span(short(plan.new_image), Style.STRONG)
    return line("no replica to replace, the spec is only written, with ", new)


def _release(plan: Plan) -> Line:
    what = Span(images(plan.old_image, plan.new_image), Style.STRONG)
    return line(what, f", {plan.order}, {steps(plan)}")


def _all_of(slots: int) -> str:
    return f"{slots} of {counted(slots, 'replica')}"


def _unprotected(finding: Finding) -> Said:
    remedy = f"; {safe(finding.remedy)}" if finding.remedy else ""
    return Said(line(Span(f"not protected: {safe(finding.sentence)}{remedy}", Style.WARN)))


@tell.register
def _step_started(event: on.StepStarted, _scene: Scene) -> list[Said]:
    head = Span(f"step {event.number} of {event.steps}", Style.STRONG)
    if not event.release:
        return [Said(line(head, f": proving the {event.upto} on the target already"))]
    return [Said(line(head, f": releasing {counted(event.release, 'replica')}"))]


@tell.register
def _step_passed(event: on.StepPassed, _scene: Scene) -> list[Said]:
    head = Span(f"step {event.number} of {event.steps} passed", Style.GOOD)
    return [Said(line(head, f": {event.done} of {counted(event.slots, 'replica')} on the target"))]


@tell.register
def _observed(event: on.Observed, scene: Scene) -> list[Said]:
    return [_change(change, scene) for change in seen(event, scene)]


def _change(change: TaskChange, scene: Scene) -> Said:
    task, before = change.task, change.before
    came_from = f"{before.label} → " if before is not None and before != task.state else ""
    marker = Span(" (new)", Style.NEW) if change.new else Span(" (old)", Style.DIM)
    error = Span(f": {safe(task.error)}", Style.BAD if task.died else Style.WARN) if task.error else Span("")
    return Said(
        line(where(scene.service, change.slot, change.node), f": {came_from}", _state(change), marker, error),
        detail=not (task.died or (change.new and task.running)),
    )


def _state(change: TaskChange) -> Span:
    state = change.task.state
    if change.task.died:
        return Span(state.label, Style.BAD)
    return Span(state.label, Style.GOOD if state == TaskState.RUNNING and change.task.wanted else Style.PLAIN)


@tell.register
def _progress(event: on.GateProgress, scene: Scene) -> list[Said]:
    """Of the measurements only the first failure is news; the numbers are summed up by the verdict."""
    before = scene.gates.get(event.gate)
    if not event.failed or (before and before.failed):
        return []
    words = f"{gate(event.gate)}: failed for the first time, {event.passed} passed so far"
    return [Said(line(Span(words, Style.WARN)))]


_VERDICTS = {
    Verdict.PASS: Span("pass", Style.GOOD),
    Verdict.FAIL: Span("fail", Style.BAD),
    Verdict.INCONCLUSIVE: Span("inconclusive", Style.WARN),
}


@tell.register
def _judged(event: on.GateJudged, scene: Scene) -> list[Said]:
    before = scene.verdicts.get(event.gate)
    if before and before.verdict is event.verdict:
        return []
    evidence = f", {safe(event.evidence)}" if event.evidence else ""
    spans = line(f"{gate(event.gate)}: ", _VERDICTS[event.verdict], evidence)
    return [Said(spans, detail=event.verdict is Verdict.PASS)]


@tell.register
def _bake_started(event: on.BakeStarted, _scene: Scene) -> list[Said]:
    words = f": all replicas on the target, watched for {duration(event.seconds)} more"
    return [Said(line(Span("baking", Style.STRONG), words))]


@tell.register
def _release_failed(event: on.ReleaseFailed, scene: Scene) -> list[Said]:
    """The sentence is left out where a gate has just said it."""
    said = any(judged.evidence == event.cause.sentence for judged in scene.verdicts.values())
    reason = "" if said else f": {safe(event.cause.sentence)}"
    return [Said(line(Span(f"the release is bad{reason}", Style.BAD)))]


@tell.register
def _rollback_started(event: on.RollbackStarted, scene: Scene) -> list[Said]:
    baseline = f" ({short(scene.plan.old_image)})" if scene.plan else ""
    head = Span("rolling back", Style.WARN)
    return [Said(line(head, f": {counted(event.slots, 'replica')} to go back to the baseline{baseline}"))]


@tell.register
def _rolled_back(event: on.RolledBack, _scene: Scene) -> list[Said]:
    head = Span("rolled back", Style.WARN)
    return [Said(line(head, f": the baseline runs in every slot again, after {duration(event.seconds)}"))]


@tell.register
def _finished(event: on.Finished, _scene: Scene) -> list[Said]:
    """For logs that hold nothing else; a person reads the outcome's own words, see ``outcome_lines``."""
    words = line(
        "outcome: ", Span(event.outcome.kind, Style.STRONG), f", exit code {exit_code_of(event.outcome)}"
    )
    return [Said(words, detail=True)]
