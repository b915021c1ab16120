"""How rich shows our styles, and lines as rich's texts. Needs rich."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from rollout.render.text import Line, Style, fitted

STYLES = {
    Style.PLAIN: "none",
    Style.GOOD: "green",
    Style.BAD: "bold red",
    Style.WARN: "yellow",
    Style.DIM: "dim",
    Style.STRONG: "bold",
    Style.NEW: "cyan",
    Style.ALARM: "bold white on red",
}


def rich_text(lines: Sequence[Line], encoding: str) -> Text:
    """Lines for rich, which then sees no markup in them."""
    return Text("\n").join(_one(spans, encoding) for spans in lines)


def _one(spans: Line, encoding: str) -> Text:
    text = Text(no_wrap=False)
    for span in spans:
        text.append(fitted(span.text, encoding), STYLES[span.style])
    return text


def log_entry(at: float, spans: Line, encoding: str) -> Table:
    """A line of the log behind its time; where it wraps, it keeps clear of the time."""
    entry = Table.grid(padding=(0, 2, 0, 0))
    entry.add_column(justify="right", width=8, no_wrap=True, style=STYLES[Style.DIM])
    entry.add_column(overflow="fold")
    entry.add_row(f"{at:.1f}s", rich_text([spans], encoding))
    return entry
