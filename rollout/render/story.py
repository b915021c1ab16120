"""Events as lines of a log: ``tell(event, scene)`` says what is new to the scene before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from rollout import events as on
from rollout.errors import exit_code_of
from rollout.model import Finding, Severity, TaskState, Verdict
from rollout.render import one_shots, pulls
from rollout.render.names import gate, short, where
from rollout.render.plan_line import plan_words
from rollout.render.scene import Scene, TaskChange
from rollout.render.sight import seen
from rollout.render.text import Line, Span, Style, counted, duration, line, safe
from rollout.render.users import failures


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
def _rehearsal_started(_event: on.RehearsalStarted, _scene: Scene) -> list[Said]:
    return [Said(line(Span("rehearsal on a simulated Swarm: nothing real is touched", Style.WARN)))]


@tell.register
def _planned(event: on.Planned, _scene: Scene) -> list[Said]:
    told = [_found(finding) for finding in event.plan.findings if not finding.accepted]
    return [Said(line("plan: ", *plan_words(event.plan))), *told]


def _found(finding: Finding) -> Said:
    """A note is left to logs."""
    style = {Severity.ERROR: Style.BAD, Severity.WARNING: Style.WARN, Severity.NOTE: Style.DIM}
    told = f"{finding.severity}: {finding.code}: {safe(finding.sentence)}"
    remedy = f"; {safe(finding.remedy)}" if finding.remedy else ""
    said = line(Span(f"{told}{remedy}", style[finding.severity]))
    return Said(said, detail=finding.severity == Severity.NOTE)


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
def _hold_started(event: on.HoldStarted, scene: Scene) -> list[Said]:
    until = "until it is promoted" if event.seconds is None else f"for {duration(event.seconds)}"
    how = f": watched {until}; `rollout promote {safe(scene.service)}` goes on"
    return [Said(line(Span("holding", Style.STRONG), how))]


@tell.register
def _hold_ended(event: on.HoldEnded, _scene: Scene) -> list[Said]:
    return [Said(line("promoted: going on" if event.promoted else "the pause is over: going on"))]


@tell.register
def _bake_started(event: on.BakeStarted, _scene: Scene) -> list[Said]:
    words = f": all replicas on the target, watched for {duration(event.seconds)} more"
    return [Said(line(Span("baking", Style.STRONG), words))]


@tell.register
def _measured(event: on.Measured, scene: Scene) -> list[Said]:
    """Failed requests, each time that they have about doubled: the screen counts on, the outcome sums up."""
    before = scene.impact.failed if scene.impact else 0
    if event.impact.failed.bit_length() <= before.bit_length():
        return []
    return [Said(line(Span(f"users: {failures(event.impact)}", Style.WARN)), detail=before > 0)]


@tell.register
def _pull_started(event: on.PullStarted, scene: Scene) -> list[Said]:
    return [Said(pulls.started(event, scene.plan))]


@tell.register
def _pull_ended(event: on.PullEnded, _scene: Scene) -> list[Said]:
    return [Said(pulls.ended(event))]


@tell.register
def _one_shot_started(event: on.OneShotStarted, _scene: Scene) -> list[Said]:
    return [Said(one_shots.started(event))]


@tell.register
def _one_shot_ended(event: on.OneShotEnded, _scene: Scene) -> list[Said]:
    return [Said(spans) for spans in one_shots.ended(event)]


@tell.register
def _waiting(event: on.Waiting, scene: Scene) -> list[Said]:
    """Told once for each reason."""
    if scene.waiting and scene.waiting.cause == event.cause:
        return []
    cause = event.cause
    place = where(scene.service, cause.slot, cause.node) if cause.slot else safe(cause.node)
    at = f" ({place})" if place else ""
    words = f"{cause.kind}: {safe(cause.sentence)}{at}; waiting for up to {duration(event.limit - event.at)}"
    return [Said(line(Span(f"warning: {words}", Style.WARN)))]


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
