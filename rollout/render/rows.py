"""The slots as rows of the live region. Pure."""

from __future__ import annotations

from datetime import datetime

from rollout.model import TaskState
from rollout.render.columns import Screen, table
from rollout.render.names import slot_name
from rollout.render.scene import Row, Scene
from rollout.render.text import Line, Span, Style, age, line, safe


def slot_rows(scene: Scene, screen: Screen, room: int) -> list[Line]:
    """A row for each slot; where there is no room for that, only those in motion, and a map of all."""
    if len(scene.rows) <= max(room, 1):
        return _table(scene, screen, scene.rows)
    return _collapsed(scene, screen, room)


def _collapsed(scene: Scene, screen: Screen, room: int) -> list[Line]:
    """Too many slots for the screen: a map of all of them, and a row for each that is in motion."""
    every = _map(scene, screen)
    restless = sorted(scene.moving, key=lambda row: (not row.trouble, row.at or 0.0))
    fitting = max(0, room - len(every) - 1)
    if len(restless) > fitting:
        fitting = max(0, fitting - 1)
    more = [_more(len(restless) - fitting)] if len(restless) > fitting else []
    rows = [*_table(scene, screen, tuple(restless[:fitting])), *more]
    return [*every, (), *rows] if rows else every


def _more(number: int) -> Line:
    return line(Span(f"   and {number} more in motion", Style.DIM))


def _map(scene: Scene, screen: Screen) -> list[Line]:
    """Each slot as one glyph."""
    glyphs = [_dot(row) for row in scene.rows]
    size = max(10, min(60, screen.width - 5))
    chunks = [glyphs[at : at + size] for at in range(0, len(glyphs), size)]
    return [line("   ", *chunk) for chunk in chunks] + [_legend(scene)]


def _legend(scene: Scene) -> Line:
    moving = len(scene.moving)
    old = scene.slots - moving - scene.on_target
    counts = (f"{moving} in motion" * bool(moving), f"{old} on the baseline" * bool(old))
    return line("   ", Span(", ".join(filter(None, counts)), Style.DIM))


def _table(scene: Scene, screen: Screen, rows: tuple[Row, ...]) -> list[Line]:
    cells = [_cells(row, scene, screen) for row in rows]
    return [line("   ", *spans) for spans in table(cells)] if cells else []


def _cells(row: Row, scene: Scene, screen: Screen) -> list[Span]:
    quiet = Style.PLAIN if row.moving or row.new else Style.DIM
    return [
        _glyph(row, screen),
        Span(slot_name(scene.service, row.slot), quiet),
        Span(_host(row.node), Style.DIM),
        Span(row.task.state.label, _state_style(row)),
        Span(_age(row, screen).rjust(6), Style.DIM),
        Span("new", Style.NEW) if row.new else Span("old", Style.DIM),
        _remark(row),
    ]


def _host(node: str) -> str:
    """A node's name without its domain, where it has a name."""
    first = safe(node).partition(".")[0]
    return safe(node) if first.isdecimal() else first


def _glyph(row: Row, screen: Screen) -> Span:
    return Span(screen.spinner, Style.NEW) if row.moving and not row.trouble else _dot(row)


def _dot(row: Row) -> Span:
    if row.moving:
        return Span("✗", Style.BAD) if row.trouble else Span("◐", Style.NEW)
    return Span("●", Style.GOOD) if row.new else Span("○", Style.DIM)


def _state_style(row: Row) -> Style:
    if row.task.died:
        return Style.BAD
    if row.task.state == TaskState.RUNNING:
        return Style.GOOD if row.new else Style.DIM
    return Style.WARN


def _remark(row: Row) -> Span:
    return Span(safe(row.trouble), Style.BAD) if row.trouble else Span(row.note, Style.DIM)


def _age(row: Row, screen: Screen) -> str:
    if row.at is not None:
        return age(max(0.0, screen.now - row.at))
    began = _instant(row.task.since)
    return age(max(0.0, (screen.wall - began).total_seconds())) if began and screen.wall else ""


def _instant(stamp: str) -> datetime | None:
    """An engine's time stamp, which may have nine digits of a second."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
