"""Lines measured and cut in terminal columns: some characters take two of them. Needs rich."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from rollout.render.text import Line, Span, line, text_of

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ASCII_SPINNER = "|/-\\"


@dataclass(frozen=True)
class Screen:
    """The room there is, the time (the deployment's and the day's), and whether glyphs can be written."""

    width: int
    height: int
    now: float
    wall: datetime | None = None
    unicode: bool = True

    @property
    def spinner(self) -> str:
        """The glyph of what is in motion, eight a second."""
        frames = _SPINNER if self.unicode else _ASCII_SPINNER
        return frames[int(self.now * 8) % len(frames)]


def width_of(spans: Line) -> int:
    """The columns that a line takes."""
    return cell_len(text_of(spans))


def cut(spans: Line, width: int) -> Line:
    """The line in at most so many columns; what is cut off leaves an ellipsis."""
    if width_of(spans) <= width:
        return spans
    kept, room = [], max(0, width - 1)
    for span in spans:
        text = span.text if cell_len(span.text) <= room else set_cell_size(span.text, room)
        kept.append(Span(text, span.style))
        room -= cell_len(text)
    return (*kept, Span("…", spans[-1].style))


def spread(left: Line, right: Line, width: int, fill: Span) -> Line:
    """Two lines at the two ends of one; the left one gives way where there is no room for both."""
    left = cut(left, max(0, width - width_of(right) - 1))
    gap = max(0, width - width_of(left) - width_of(right))
    return line(*left, Span(fill.text * gap, fill.style), *right)


def table(rows: Sequence[Sequence[Span]], gap: int = 2) -> list[Line]:
    """Rows with their cells in columns; the last cell of a row is not padded."""
    widths = [max(cell_len(cell.text) for cell in column) for column in zip(*rows, strict=True)]
    return [_padded(row, widths, gap) for row in rows]


def _padded(row: Sequence[Span], widths: Sequence[int], gap: int) -> Line:
    *most, last = row
    padded = [
        Span(set_cell_size(cell.text, width) + " " * gap * bool(width), cell.style)
        for cell, width in zip(most, widths, strict=False)
    ]
    return line(*padded, last)
