"""A live screen for a terminal: the log scrolls above, below it stands the frame of what is going on."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from threading import Event as Flag
from threading import RLock, Thread
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from rollout.events import Event, Finished
from rollout.ports import Clock
from rollout.render.advance import advance
from rollout.render.columns import Screen
from rollout.render.frame import frame
from rollout.render.scene import Phase, Scene
from rollout.render.sink import QuietSink
from rollout.render.story import tell
from rollout.render.styles import log_entry, rich_text
from rollout.render.text import Line, is_unicode, text_of

PERIOD = 1 / 8
"""Seconds between two frames."""


class LiveScreen(QuietSink):
    """Shows a deployment on a terminal; ``with`` it, so that the terminal is left in order.

    A thread of its own repaints, so that spinners and ages go on while the engine waits.
    """

    def __init__(self, console: Console, clock: Clock) -> None:
        super().__init__()
        self._console = console
        self._clock = clock
        self._scene = Scene()
        self._began = clock.now()
        self._log: deque[Table] = deque(maxlen=200)
        self._last = ""
        self._painted = self._size = console.size
        self._lock = RLock()
        self._stopped = Flag()
        self._ticker = Thread(target=self._tick_on, name="rollout-screen", daemon=True)
        self._live = Live(
            console=console,
            auto_refresh=False,
            transient=True,
            get_renderable=self._frame,
            redirect_stdout=False,
        )

    def __enter__(self) -> Self:
        self._live.start()
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the frame away; the log stays."""
        self._stopped.set()
        try:
            self._leave()
        except Exception as trouble:
            self._note(trouble)
        self._ticker.join(timeout=1)

    def _leave(self) -> None:
        with self._lock:
            self._scene = replace(self._scene, phase=Phase.FINISHED)
            self._live.stop()
            self._console.line()

    def _tick_on(self) -> None:
        while not self._stopped.wait(PERIOD):
            try:
                self.tick()
            except Exception as trouble:
                self._note(trouble)

    def tick(self) -> None:
        """Paint the next frame; not while the terminal is being resized."""
        with self._lock:
            before, self._size = self._size, self._console.size
            if self._stopped.is_set() or self._size != before:
                return
            if self._disturbed():
                self._start_over()
            self._painted = self._size
            self._live.refresh()

    def _disturbed(self) -> bool:
        """Whether a resize may have moved the old lines, in ways that differ between terminals."""
        return self._size.width != self._painted.width or self._size.height < self._painted.height

    def _start_over(self) -> None:
        """Paint everything anew."""
        with self._console:
            self._console.clear()
            self._console.print(*self._recent(), sep="\n", end="")

    def _recent(self) -> list[Table]:
        """The last lines of the log: as many as fit above the frame, but for those that wrap."""
        room = self._size.height - len(frame(self._scene, self._screen())) - 1
        return list(self._log)[-max(0, room) :] if room > 0 else []

    def _show(self, event: Event) -> None:
        with self._lock:
            lines = [said.spans for said in tell(event, self._scene) if not said.detail]
            self._scene = advance(event, self._scene)
            self._began = self._clock.now() - event.at
            for spans in lines:
                self._say(event.at, spans)
            if isinstance(event, Finished):
                self._live.refresh()

    def _say(self, at: float, spans: Line) -> None:
        if text_of(spans) == self._last:
            return
        self._last = text_of(spans)
        self._log.append(log_entry(at, spans, self._console.encoding))
        self._console.print(self._log[-1])

    def _frame(self) -> Text:
        text = self._text(frame(self._scene, self._screen()))
        text.no_wrap, text.overflow = True, "crop"
        return text

    def _screen(self) -> Screen:
        size = self._console.size
        unicode = is_unicode(self._console.encoding)
        return Screen(size.width, size.height, self._clock.now() - self._began, self._clock.wall(), unicode)

    def _text(self, lines: Sequence[Line]) -> Text:
        return rich_text(lines, self._console.encoding)
