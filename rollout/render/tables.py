"""Rows of styled cells: as aligned lines for pipes, as a table for terminals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from rollout.render.text import Line, Span, Style, line

if TYPE_CHECKING:
    from rich.table import Table

Cells: TypeAlias = tuple[Span, ...]

_MAY_WRAP = frozenset({"node", "state", "error", "who", "outcome"})


def aligned(head: Sequence[str], rows: Sequence[Cells]) -> list[Line]:
    """Columns two blanks apart, without trailing blanks, so that ``awk`` and ``diff`` are happy."""
    grid = [tuple(Span(title.upper(), Style.DIM) for title in head), *rows]
    widths = [max(len(row[at].text) for row in grid) for at in range(len(head))]
    return [_padded(row, widths) for row in grid]


def _padded(row: Cells, widths: Sequence[int]) -> Line:
    filled = max((at for at, cell in enumerate(row) if cell.text), default=0)
    most, last = row[:filled], row[filled]
    padded = (Span(cell.text.ljust(width + 2), cell.style) for cell, width in zip(most, widths, strict=False))
    return line(*padded, last)


def table(head: Sequence[str], rows: Sequence[Cells]) -> Table:
    """The rows for a terminal; what tells them apart is never wrapped."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from rollout.render.styles import STYLES

    made = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False)
    for title in head:
        made.add_column(title, overflow="fold", no_wrap=title not in _MAY_WRAP)
    for row in rows:
        made.add_row(*(Text(cell.text, STYLES[cell.style]) for cell in row))
    return made
