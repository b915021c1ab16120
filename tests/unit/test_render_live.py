from __future__ import annotations

import io
import re
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rich.console import Console
from unit.render_scenes import (
    CAUSE,
    StillClock,
    agrees_with_golden,
    bad,
    careful,
    good,
    plan,
    scene_at,
    unstyled,
)

from rollout.errors import Refused
from rollout.events import Note, Observed, Planned
from rollout.model import PlanKind, Slot
from rollout.render.columns import Screen, width_of
from rollout.render.frame import frame
from rollout.render.live import LiveScreen
from rollout.render.text import Span, Style

WALL = StillClock().wall()


def console(stream: io.StringIO | None = None, width: int = 80, height: int = 24, **options) -> Console:
    return Console(
        file=stream or io.StringIO(), force_terminal=True, width=width, height=height, _environ={}, **options
    )


def frame_at(events, moment: float, width: int = 80, height: int = 24, **options) -> list[str]:
    lines = frame(scene_at(events, moment), Screen(width, height, moment, WALL, **options))
    return unstyled(lines).splitlines()


def words(written: str) -> str:
    """What was written, without escapes."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written)


def on_paper(written: str) -> list[str]:
    """What stands on an endless screen after all this was written to it."""
    rows, at = [""], 0
    for escape, up, text in re.findall(r"(\x1b\[([0-9;?]*)[A-Za-z])|([^\x1b]+)", written):
        if escape.endswith("A"):
            at -= int(up)
        elif escape == "\x1b[2K":
            rows[at] = ""
        for piece in re.split(r"(\n)", text.replace("\r", "")):
            at += piece == "\n"
            rows += [""] * (at + 1 - len(rows))
            rows[at] += piece.strip("\n")
    return "\n".join(map(str.rstrip, rows)).rstrip("\n").split("\n")


@pytest.mark.parametrize(
    ("name", "events", "moment", "width", "height"),
    [
        ("live_releasing_80.txt", good(), 11.6, 80, 24),
        ("live_releasing_120.txt", good(), 11.6, 120, 40),
        ("live_proving_80.txt", good(), 22.9, 80, 24),
        ("live_baking_80.txt", good(), 35.0, 80, 24),
        ("live_crashed_80.txt", bad(), 11.6, 80, 24),
        ("live_rolling_back_80.txt", bad(), 13.5, 80, 24),
        ("live_hook_80.txt", careful(), 2.0, 80, 24),
        ("live_waiting_80.txt", careful(), 20.0, 80, 24),
        ("live_many_gates_80.txt", careful(), 69.0, 80, 24),
        ("live_40_replicas_80.txt", good(40, 8), 12.0, 80, 24),
        ("live_40_replicas_tall.txt", good(40, 8), 12.0, 120, 60),
    ],
)
def test_the_screen_looks_like_this(name, events, moment, width, height):
    assert agrees_with_golden(name, "\n".join(frame_at(events, moment, width, height)) + "\n")


MOMENTS = [
    scene_at(good(replicas, batch), moment)
    for replicas, batch, moment in ((1, 1, 0.3), (4, 1, 11.6), (40, 8, 12.0), (40, 40, 3.0), (90, 30, 22.0))
] + [scene_at(careful(), moment) for moment in (2.0, 20.0, 69.0)]


@given(some.integers(20, 200), some.integers(3, 80), some.sampled_from(MOMENTS))
def test_the_frame_fits_every_terminal(width, height, scene):
    lines = frame(scene, Screen(width, height, scene.at, WALL))
    assert len(lines) < height
    assert all(width_of(spans) < width for spans in lines)


def test_40_replicas_fit_24_rows_and_leave_some_to_the_log():
    shown = frame_at(good(40, 8), 12.0)
    assert len(shown) <= 20
    assert [text.split()[1] for text in shown if "starting" in text] == [
        f"php.{number}" for number in range(9, 17)
    ]
    assert "   8 in motion, 24 on the baseline" in shown
    assert "   ●●●●●●●●◐◐◐◐◐◐◐◐○○○○○○○○○○○○○○○○○○○○○○○○" in shown


def test_where_not_even_those_in_motion_fit_the_rest_is_counted():
    shown = frame_at(good(40, 20), 3.0)
    rows = sum("starting" in text for text in shown)
    assert f"   and {20 - rows} more in motion" in shown
    assert len(shown) <= 20


def test_a_slot_in_trouble_comes_first_when_rows_are_short():
    seen = scene_at(good(40, 20), 3.0)
    rows = tuple(replace(row, trouble="no space") if row.slot == "20" else row for row in seen.rows)
    shown = unstyled(frame(replace(seen, rows=rows), Screen(80, 24, 3.0, WALL)))
    assert "php.20" in shown


def test_a_crash_stands_in_its_slots_row():
    row = next(text for text in frame_at(bad(), 11.6) if "php.2" in text)
    assert row.split()[0] == "✗"
    assert row.endswith(CAUSE.error)


def test_while_it_waits_nobody_says_when_it_will_be_done():
    assert not any("about" in text for text in frame_at(careful(), 20.0))
    assert any("waiting: no capacity  9m 48s left" in text for text in frame_at(careful(), 20.0))


def test_as_soon_as_it_goes_on_it_waits_no_more():
    assert not any("waiting" in text for text in frame_at(careful(), 39.9))


def test_a_command_that_runs_beside_the_service_is_shown_for_as_long_as_it_runs():
    assert any("smoke test  /usr/local/bin/smoke --all  1s" in text for text in frame_at(careful(), 6.0))
    assert not any("smoke" in text for text in frame_at(careful(), 6.9))


def test_failed_requests_of_users_stand_out():
    lines = frame(scene_at(bad(), 13.5), Screen(80, 24, 13.5, WALL))
    assert Span("2 failed", Style.BAD) in [span for spans in lines for span in spans]


def test_while_rolling_back_the_arrow_points_back():
    shown = frame_at(bad(), 13.5)
    assert "   patch-php-fpm:2.7.0@5f3a9c01 → patch-php-fpm:2.6.1@1f0c2d7a" in shown
    assert shown[-1].endswith("3 of 4 on the baseline")


def test_the_time_that_is_left_follows_from_the_steps_that_have_passed():
    assert "about 52s left" in frame_at(good(), 0.9)[-1] or "about 51s left" in frame_at(good(), 0.9)[-1]
    assert "about 31s left" in frame_at(good(), 11.6)[-1]


def test_without_unicode_the_frame_is_ascii_after_the_fallback():
    stream = io.TextIOWrapper(io.BytesIO(), "ascii", write_through=True)
    with LiveScreen(console(stream), StillClock()) as sink:
        for event in good():
            sink.emit(event)
            sink.tick()
    assert sink.trouble is None
    written = words(stream.buffer.getvalue().decode("ascii"))
    assert "starting -> running (new)" in written
    assert "-- php ---" in written


def test_markup_and_escapes_in_a_tasks_error_are_shown_literally_and_do_nothing():
    hostile = "[red]boom[/red] [link=http://evil]x[/link] \x1b[2J\x1b]0;owned\x07"
    seen = next(event for event in bad() if isinstance(event, Observed) and event.at > 11.2)
    slots = tuple(
        Slot(slot.key, tuple(replace(task, error=hostile) if task.died else task for task in slot.tasks))
        for slot in seen.slots
    )
    stream = io.StringIO()
    with LiveScreen(console(stream, 120), StillClock()) as sink:
        for event in bad():
            sink.emit(replace(event, slots=slots) if event == seen else event)
            sink.tick()
    assert sink.trouble is None
    assert "[red]boom[/red] [link=http://evil]x[/link]" in words(stream.getvalue())
    assert "\x1b]0;" not in stream.getvalue()
    assert "\x1b[2J" not in stream.getvalue()


def test_the_log_holds_what_matters_and_leaves_the_small_steps_to_the_rows():
    stream = io.StringIO()
    sink = LiveScreen(console(stream, 120), StillClock())
    for event in good():
        sink.emit(event)
    assert agrees_with_golden(
        "live_log.txt", "\n".join(map(str.rstrip, words(stream.getvalue()).splitlines())) + "\n"
    )


def test_the_frame_is_gone_at_the_end_and_the_cursor_is_back():
    stream = io.StringIO()
    with LiveScreen(console(stream), StillClock()) as sink:
        for event in good():
            sink.emit(event)
            sink.tick()
    assert stream.getvalue().count("\x1b[?25l") == stream.getvalue().count("\x1b[?25h") == 1
    left = on_paper(stream.getvalue())
    assert left[-1] == "   33.3s  baking: all replicas on the target, watched for 5s more"
    assert not any("━" in text or text.startswith("──") for text in left)


def test_while_it_runs_the_frame_stands_below_the_log():
    stream = io.StringIO()
    sink = LiveScreen(console(stream), StillClock())
    with sink:
        for event in good():
            if event.at < 20.0:
                sink.emit(event)
                sink.tick()
        seen = on_paper(stream.getvalue())
    assert sum("━" in text for text in seen) == 1
    assert seen[-1].endswith("left")
    assert "   17.1s  step 3 of 4: releasing 1 replica" in seen


def test_an_error_on_the_way_leaves_the_terminal_in_order():
    stream = io.StringIO()
    sink = LiveScreen(console(stream), StillClock())

    def break_off() -> None:
        with sink:
            sink.emit(Planned(0.1, plan()))
            raise Refused("no")

    with pytest.raises(Refused):
        break_off()
    assert stream.getvalue().endswith("\x1b[?25h\n") or "\x1b[?25h" in stream.getvalue()


def test_the_spinner_turns_while_no_event_comes():
    stream = io.StringIO()
    with LiveScreen(console(stream), StillClock()) as sink:
        sink.emit(Planned(0.1, plan()))
        begun = stream.tell()
        time.sleep(0.5)
        assert stream.tell() > begun
    assert sink.trouble is None


class Resizable(Console):
    """A terminal that can be pulled larger and smaller."""

    def pull(self, width: int, height: int) -> None:
        self._width, self._height = width, height


def test_after_a_resize_the_screen_is_painted_anew_once_it_is_at_rest():
    stream = io.StringIO()
    terminal = Resizable(file=stream, force_terminal=True, width=100, height=30, _environ={})
    sink = LiveScreen(terminal, StillClock())
    sink._live.start()
    for event in bad():
        if event.at < 10.0:
            sink.emit(event)
    sink.tick()
    terminal.pull(60, 20)
    written = stream.tell()
    sink.tick()
    assert stream.tell() == written
    sink.tick()
    again = stream.getvalue()[written:]
    sink._live.stop()
    assert again.startswith("\x1b[2J\x1b[H")
    assert "step 1 of 4 passed" in again
    assert max(len(text) for text in words(again).splitlines()) <= 60


def test_a_deployment_with_nothing_to_release_shows_no_slots():
    seen = scene_at([Planned(0.1, plan(kind=PlanKind.UNCHANGED, steps=()))], 1.0)
    assert len(frame(seen, Screen(80, 24, 1.0))) == 1


def test_before_there_is_a_plan_something_turns():
    assert unstyled(frame(scene_at([Note(0.0, "hello")], 0.1), Screen(80, 24, 0.1))) == " ⠋ preparing\n"
