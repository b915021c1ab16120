"""What the sinks share: showing must not break doing, so whatever goes wrong here stays here."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TextIO

from rollout.errors import RolloutError
from rollout.events import Event
from rollout.render.text import Line, painted


class QuietSink:
    """A sink whose ``emit`` never raises; ``trouble`` keeps the first thing that went wrong.

    A stream that has gone away (a closed pipe, a lost terminal) is left alone from then on.
    """

    def __init__(self) -> None:
        self.trouble: Exception | None = None

    def emit(self, event: Event) -> None:
        """Show one event."""
        if isinstance(self.trouble, OSError):
            return
        try:
            self._show(event)
        except RolloutError:
            raise  # nothing here raises it: a signal's handler does, and Ctrl-C must not get lost
        except Exception as trouble:
            self._note(trouble)

    def _note(self, trouble: Exception) -> None:
        self.trouble = self.trouble or trouble

    def _show(self, event: Event) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the stream as it was found."""


def write_lines(stream: TextIO, lines: list[Line], colour: bool) -> None:
    """Write lines and let them be seen at once."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write("".join(painted(spans, colour, encoding) + "\n" for spans in lines))
    stream.flush()
