"""One plain line a change, for pipelines and pipes: elapsed time in front, nothing twice."""

from __future__ import annotations

from typing import TextIO

from rollout.events import Event, HoldStarted
from rollout.render.advance import advance
from rollout.render.names import gate, where
from rollout.render.scene import Phase, Row, Scene
from rollout.render.sink import QuietSink, write_lines
from rollout.render.story import tell
from rollout.render.text import Line, Span, Style, age, duration, line, safe, text_of

SILENCE = 15.0
"""After so many seconds without a line, a line says what is waited for: else a pipeline looks dead."""


class PlainLines(QuietSink):
    """Writes to a stream; knows no clock but the events' own."""

    def __init__(self, stream: TextIO, colour: bool = False) -> None:
        super().__init__()
        self._stream = stream
        self._colour = colour
        self._scene = Scene()
        self._spoke = 0.0
        self._last = ""

    def _show(self, event: Event) -> None:
        lines = [said.spans for said in tell(event, self._scene)]
        self._scene = advance(event, self._scene)
        for spans in lines:
            self._say_once(event.at, spans)
        if event.at - self._spoke >= SILENCE:
            self._say(event.at, line(Span(waiting_for(self._scene, event.at), Style.DIM)))

    def _say_once(self, at: float, spans: Line) -> None:
        if text_of(spans) != self._last:
            self._last = text_of(spans)
            self._say(at, spans)

    def _say(self, at: float, spans: Line) -> None:
        self._spoke = at
        stamped = line(Span(f"[{at:7.1f}s] ", Style.DIM), *spans)
        write_lines(self._stream, [stamped], self._colour)


def waiting_for(scene: Scene, now: float) -> str:
    """What takes so long, in a line."""
    if scene.pulling:
        return f"still pulling on {safe(', '.join(scene.pulling))}"
    if scene.one_shot:
        shot = scene.one_shot
        return f"still running for {age(now - shot.at)}: {safe(shot.purpose)} `{safe(shot.command)}`"
    if scene.waiting:
        left = age(max(0.0, scene.waiting.limit - now))
        return f"still waiting, {left} left: {safe(scene.waiting.cause.sentence)}"
    if scene.hold and not scene.moving:
        return f"still holding{_until(scene.hold, now)}: `rollout promote {safe(scene.service)}` goes on"
    if scene.moving:
        slowest = min(scene.moving, key=lambda row: now if row.at is None else row.at)
        return f"still waiting: {_row(slowest, scene, now)}{_others(scene)}"
    if scene.phase is Phase.BAKING and scene.bake_ends is not None:
        return f"still baking: {duration(max(0.0, scene.bake_ends - now))} to go{_counts(scene)}"
    return f"still {scene.phase}{_counts(scene)}"


def _until(hold: HoldStarted, now: float) -> str:
    if hold.seconds is None:
        return f" for {age(now - hold.at)}"
    return f", {age(max(0.0, hold.at + hold.seconds - now))} to go"


def _row(row: Row, scene: Scene, now: float) -> str:
    place = where(scene.service, row.slot, row.node)
    since = "" if row.at is None else f" for {age(now - row.at)}"
    error = f" ({safe(row.trouble)})" if row.trouble else ""
    return f"{place} {row.task.state.label}{since}{error}"


def _others(scene: Scene) -> str:
    others = len(scene.moving) - 1
    return f", and {others} more in motion" if others else ""


def _counts(scene: Scene) -> str:
    """How far the gates' measurements are."""
    counts = [
        f", {gate(name)}: {progress.passed} passed, {progress.failed} failed"
        for name, progress in scene.gates.items()
        if name not in scene.verdicts
    ]
    return "".join(counts)
