"""Which screen for which stream. Progress goes to stderr, results go to stdout."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rollout.render.choose import Output, choose, wants_colour
from rollout.render.sink import QuietSink, write_lines
from rollout.render.text import Line

if TYPE_CHECKING:
    from rich.console import Console

    from rollout.ports import Clock


def screen(*, json: bool, clock: Clock | None = None) -> QuietSink:
    """The sink for this run's progress; ``clock`` is that of the events, if it is not the machine's own."""
    look = choose(os.environ, tty=sys.stderr.isatty(), json=json)
    if look.output == Output.JSON:
        from rollout.render.json_lines import JsonLines

        return JsonLines(sys.stdout)
    if look.output == Output.LIVE:
        return _live(clock)
    from rollout.render.plain import PlainLines

    return PlainLines(sys.stderr, look.colour)


def say(stream: TextIO, lines: list[Line]) -> None:
    """Write lines, in colour where it is wanted."""
    write_lines(stream, lines, wants_colour(os.environ, tty=stream.isatty()))


@contextmanager
def readerless() -> Iterator[None]:
    """Bear that nobody reads (``rollout deploy … | head -1``): the exit code tells what became of it."""
    try:
        yield
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def width_of(stream: TextIO) -> int | None:
    """The columns to wrap to; a pipe is not wrapped."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def console(stream: TextIO) -> Console:
    """Rich's console for a stream."""
    from rich.console import Console

    return Console(file=stream, no_color=not wants_colour(os.environ, tty=stream.isatty()), highlight=False)


def is_live() -> bool:
    """Whether somebody watches."""
    return choose(os.environ, tty=sys.stderr.isatty()).output == Output.LIVE


def _live(clock: Clock | None) -> QuietSink:
    from rollout.clock import SystemClock
    from rollout.render.live import LiveScreen

    return LiveScreen(console(sys.stderr), clock or SystemClock())
