"""Cells in columns, for pipes. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from rollout.render.text import Line, Span, Style, line

Cells = tuple[Span, ...]


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
