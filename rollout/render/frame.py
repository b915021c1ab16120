"""The live region as lines: a function of the scene, the time and the room there is. Pure."""

from __future__ import annotations

from rollout.events import GateProgress, HoldStarted
from rollout.model import Image, Plan, PlanKind, Verdict
from rollout.render.columns import Screen, cut, spread
from rollout.render.names import gate, images
from rollout.render.rows import slot_rows
from rollout.render.scene import Phase, Scene, remaining
from rollout.render.text import Line, Span, Style, age, line, safe
from rollout.render.users import users_line

LOG_ROWS = 4
"""So many rows are left to the log above, so that what just happened stays in sight."""

_SHORTEST_BAR = 10
_MOST_GATES = 4

_PHASE_STYLE = {
    Phase.JUDGED_BAD: Style.BAD,
    Phase.ROLLING_BACK: Style.WARN,
    Phase.ROLLED_BACK: Style.WARN,
    Phase.BAKING: Style.GOOD,
    Phase.HOLDING: Style.WARN,
}


_MOVING = frozenset({PlanKind.RELEASE, PlanKind.ABORT})
"""The plans that have something to show."""


def frame(scene: Scene, screen: Screen) -> list[Line]:
    """The live region; it fits the screen and leaves some of it to the log, as far as that is possible."""
    if scene.phase is Phase.FINISHED:
        return []
    if scene.plan is None or scene.plan.kind not in _MOVING:
        return [line(f" {screen.spinner} ", Span(safe(scene.doing), Style.DIM))]
    head, foot = _head(scene, screen), _foot(scene, screen)
    room = screen.height - len(head) - len(foot) - LOG_ROWS - 2
    body = slot_rows(scene, screen, room)
    whole = [*head, *_apart(body), *foot]
    kept = whole if len(whole) < screen.height else [*head[-2:], *foot[-1:]]
    return [cut(spans, screen.width - 1) for spans in kept[: max(1, screen.height - 1)]]


def _apart(body: list[Line]) -> list[Line]:
    return [(), *body, ()] if body else [()]


def _head(scene: Scene, screen: Screen) -> list[Line]:
    """A rule with the service, the phase and the time; below it what the image changes from and to."""
    assert scene.plan is not None  # noqa: S101 - frame() has looked
    style = _PHASE_STYLE.get(scene.phase, Style.STRONG)
    rule = Span("─", Style.DIM)
    left = line(Span("── ", Style.DIM), Span(safe(scene.service), Style.STRONG), " ")
    clock = Span(f" · {age(screen.now)} ", Style.DIM)
    kind = Span("rehearsal · " if scene.rehearsed else "", Style.WARN)
    right = line(" ", kind, Span(safe(scene.doing), style), clock, Span("──", Style.DIM))
    return [
        (),
        spread(left, right, screen.width - 1, rule),
        line("   ", images(*_direction(scene.plan, scene))),
    ]


def _direction(plan: Plan, scene: Scene) -> tuple[Image, Image]:
    """From which image to which it goes now."""
    forward = (plan.old_image, plan.new_image)
    return forward[::-1] if scene.going_back else forward


def _foot(scene: Scene, screen: Screen) -> list[Line]:
    return [
        *_one_shot(scene, screen),
        *_waiting(scene, screen),
        *_hold(scene, screen),
        *_gates(scene),
        *_users(scene),
        _bar_line(scene, screen),
    ]


def _one_shot(scene: Scene, screen: Screen) -> list[Line]:
    """The command that runs beside the service."""
    shot = scene.one_shot
    if shot is None:
        return []
    what = Span(f"  {safe(shot.command)}  {age(max(0.0, screen.now - shot.at))}", Style.DIM)
    return [line("   ", Span(screen.spinner, Style.NEW), f"  {safe(shot.purpose)}", what)]


def _waiting(scene: Scene, screen: Screen) -> list[Line]:
    """Why it does not go on, and for how long that is borne."""
    waiting = scene.waiting
    if waiting is None:
        return []
    left = Span(f"  {age(max(0.0, waiting.limit - screen.now))} left", Style.DIM)
    cause = f"waiting: {waiting.cause.kind}"
    return [line("   ", Span(screen.spinner, Style.WARN), Span(f"  {cause}", Style.WARN), left)]


def _hold(scene: Scene, screen: Screen) -> list[Line]:
    """For how long the plan lets it stand still, and how that ends sooner."""
    hold = scene.hold
    if hold is None:
        return []
    left = "until promoted" if hold.seconds is None else f"{age(_left_of(hold, screen))} left"
    sooner = Span(f"  `rollout promote {safe(scene.service)}` goes on", Style.DIM)
    return [line("   ", Span(screen.spinner, Style.WARN), Span(f"  holding, {left}", Style.WARN), sooner)]


def _left_of(hold: HoldStarted, screen: Screen) -> float:
    return max(0.0, hold.at + (hold.seconds or 0.0) - screen.now)


def _gates(scene: Scene) -> list[Line]:
    shown = [_gate(scene, name) for name in scene.gates]
    if len(shown) <= _MOST_GATES:
        return shown
    kept = shown[: _MOST_GATES - 1]
    return [*kept, line(Span(f"   and {len(shown) - len(kept)} more gates", Style.DIM))]


def _users(scene: Scene) -> list[Line]:
    return [line("   ", *users_line(scene.impact))] if scene.impact and scene.impact.asked else []


def _gate(scene: Scene, name: str) -> Line:
    """A gate with its counts, or with its verdict where nothing is counted."""
    progress = scene.gates[name]
    if not (progress.passed or progress.failed or progress.wanted):
        return line("   ", _verdict(scene, name), "  ", Span(gate(name), Style.DIM))
    passed = Span(
        f"✓ {progress.passed}{_wanted(scene, progress)}", Style.GOOD if progress.passed else Style.DIM
    )
    failed = Span(f"✗ {progress.failed}", Style.BAD if progress.failed else Style.DIM)
    return line("   ", passed, "  ", failed, "  ", Span(gate(name), Style.DIM))


def _verdict(scene: Scene, name: str) -> Span:
    judged = scene.verdicts.get(name)
    if judged and judged.verdict is Verdict.PASS:
        return Span("✓", Style.GOOD)
    return Span("✗", Style.BAD) if judged and judged.verdict is Verdict.FAIL else Span("·", Style.DIM)


def _wanted(scene: Scene, progress: GateProgress) -> str:
    """How many answers a step wants; baking wants no number, it goes on for a time."""
    asked = progress.passed + progress.failed
    counted = scene.phase not in {Phase.BAKING, Phase.HOLDING} and progress.wanted >= max(1, asked)
    return f" of {progress.wanted}" if counted else ""


def _bar_line(scene: Scene, screen: Screen) -> Line:
    words = _words(scene, screen, screen.width - 6 - _SHORTEST_BAR)
    size = max(_SHORTEST_BAR, min(50, screen.width - 9 - len(words)))
    return line("   ", *_bar(scene, size), "  ", words)


def _words(scene: Scene, screen: Screen, room: int) -> str:
    """How far it is, in as many words as there is room for."""
    share, step, left = _share(scene), _step(scene), _left(scene, screen.now)
    choices = ((share, step, left), (share, left), (share,))
    texts = ["   ".join(part for part in choice if part) for choice in choices]
    return next((text for text in texts if len(text) <= room), texts[-1])


def _bar(scene: Scene, size: int) -> Line:
    """The slots as a bar: on the target, in motion, on the baseline."""
    slots = max(1, scene.slots)
    done = round(size * _arrived(scene) / slots)
    moving = min(size - done, round(size * len(scene.moving) / slots))
    style = Style.WARN if scene.going_back else Style.GOOD
    return line(
        Span("━" * done, style), Span("━" * moving, Style.NEW), Span("─" * (size - done - moving), Style.DIM)
    )


def _arrived(scene: Scene) -> int:
    """How many slots are at rest where they shall be."""
    if scene.going_back:
        return scene.slots - scene.on_target - len(scene.moving)
    return scene.on_target


def _share(scene: Scene) -> str:
    where = "the baseline" if scene.going_back else "the target"
    return f"{_arrived(scene)} of {scene.slots} on {where}"


def _step(scene: Scene) -> str:
    under_way = scene.phase in {Phase.RELEASING, Phase.PROVING}
    return f"step {scene.step.number} of {scene.step.steps}" if scene.step and under_way else ""


def _left(scene: Scene, now: float) -> str:
    """Nobody can say while it waits, or runs what is not the release."""
    if scene.waiting or scene.one_shot:
        return ""
    left = remaining(scene, now)
    return f"about {age(left)} left" if left and left >= 1 else ""
