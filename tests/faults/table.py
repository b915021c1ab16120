"""The page docs/faults.md and the file beside it: pure, from figures to text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from faults.figures import BOTH, NEW, OLD, Figures

BEGIN, END = "<!-- made by `make faults` -->", "<!-- end -->"
_RIGHT = {OLD: "old release", NEW: "new release", BOTH: "both"}
_NOTHING = "-"
_HEAD = (
    "fault",
    "with",
    "exit code",
    "in the end runs",
    "requests failed",
    "harm",
    "answers by the new release",
    "verdict after",
    "after it first served",
    "users well after",
    "all slots back after",
)


@dataclass(frozen=True)
class Circumstances:
    """Where and when the figures were taken."""

    date: str
    engine: str
    client: str
    cores: int
    rate: float
    sessions: int


@dataclass(frozen=True)
class Row:
    """One fault with one tool; ``figures`` is None where the tool has no such thing: see ``note``."""

    name: str
    title: str
    tool: str
    blame: bool
    right: tuple[int, ...]
    figures: Figures | None
    note: str = ""
    errors: tuple[str, ...] = field(default=())


def page(text: str, rows: Sequence[Row], where: Circumstances) -> str:
    """Put the table into a page, between its two marks; what was written by hand stays."""
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"the page lacks the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{sentence(where)}\n\n{table(rows)}\n{END}{after}"


def sentence(where: Circumstances) -> str:
    """Say where the figures come from."""
    return (
        f"Taken on {where.date}: engines {where.engine}, docker client {where.client}, three nodes on "
        f"{where.cores} cores, {where.rate:g} requests a second by {where.sessions} visitors."
    )


def table(rows: Sequence[Row]) -> str:
    """One line for each fault and tool; the fault is named once."""
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    seen: set[str] = set()
    for row in rows:
        lines.append(_line([row.title if row.name not in seen else "", row.tool, *cells(row)]))
        seen.add(row.name)
    return "".join(lines)


def cells(row: Row) -> list[str]:
    """The figures of a row in words."""
    found = row.figures
    if found is None:
        return [row.note, *[""] * (len(_HEAD) - 3)]
    never = "never" if row.blame and found.verdict is None else _NOTHING
    by_hand = "by hand" if row.blame and found.serves != OLD else _NOTHING
    return [
        f"none in {found.seconds:.0f} s" if found.exit_code is None else str(found.exit_code),
        _RIGHT[found.serves],
        f"{found.failed:,} of {found.sent:,}",
        f"{found.harm:.1f} s",
        f"{found.met:,}",
        _seconds(found.verdict, never),
        _seconds(found.noticed, never if found.verdict is None else _NOTHING),
        _seconds(found.users_back, by_hand),
        _seconds(found.service_back, by_hand),
    ]


def raw(rows: Iterable[Row], where: Circumstances) -> str:
    """Write every figure as JSON."""
    return (
        json.dumps({"circumstances": asdict(where), "rows": [asdict(row) for row in rows]}, indent=2) + "\n"
    )


def _seconds(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:.1f} s"


def _line(words: Iterable[str]) -> str:
    return "| " + " | ".join(words) + " |\n"


def said(row: Row) -> str:
    """One line about a row while the table is being made."""
    named = (
        f"{head} {cell}"
        for head, cell in zip(_HEAD[2:], cells(row), strict=True)
        if cell not in ("", _NOTHING)
    )
    return f"{row.name}, {row.tool}: " + ", ".join(named)


def by_name(rows: Iterable[Row], tool: str) -> Mapping[str, Row]:
    """The rows of one tool by the name of their fault."""
    return {row.name: row for row in rows if row.tool == tool}
