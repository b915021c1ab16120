"""Draws docs/screen.svg, the picture in the README: ``python docs/screen.py``. The events are made up."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from rollout.events import Event, Planned
from rollout.render.advance import advance
from rollout.render.columns import Screen
from rollout.render.frame import frame
from rollout.render.scene import Scene
from rollout.render.story import tell
from rollout.render.styles import log_entry, rich_text

HERE = Path(__file__).resolve().parent
COMMAND = "rollout deploy php --tag 2.7.0"
WIDTH, HEIGHT = 110, 40
MOMENT = 22.9
WALL = datetime(2026, 3, 9, 10, 2, tzinfo=UTC)


def main() -> None:
    """Draw it."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text(f"$ {COMMAND}", style="bold"))
    scene = Scene()
    for event in _until(MOMENT):
        for said in tell(event, scene):
            if not said.detail:
                console.print(log_entry(event.at, said.spans, "utf-8"))
        scene = advance(event, scene)
    console.print(rich_text(frame(scene, Screen(WIDTH, HEIGHT, MOMENT, WALL)), "utf-8"))
    (HERE / "screen.svg").write_text(_svg(console), encoding="utf-8")


def _until(moment: float) -> Iterator[Event]:
    """The events of a good release up to a moment; the tests keep one."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    from unit.render_scenes import good  # type: ignore[import-not-found]

    for event in good():
        if event.at > moment:
            return
        yield replace(event, plan=replace(event.plan, findings=())) if isinstance(event, Planned) else event


def _svg(console: Console) -> str:
    """The picture, without fonts fetched from elsewhere."""
    svg = console.export_svg(title=COMMAND, theme=MONOKAI, unique_id="rollout")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    main()
