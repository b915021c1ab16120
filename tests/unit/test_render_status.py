from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from rich.console import Console
from unit.render_scenes import NEW, OLD, agrees_with_golden, unstyled

from rollout.model import TaskState
from rollout.render.status import (
    Left,
    ServiceLine,
    SlotLine,
    services_json,
    services_lines,
    services_table,
    slots_json,
    slots_lines,
    slots_table,
    state_of,
    watch,
)

SINCE = datetime(2026, 3, 2, 9, 14, tzinfo=UTC)
SERVICES = (
    ServiceLine("site_php", NEW, 4, 4),
    ServiceLine("site_nginx", OLD, 3, 4),
    ServiceLine("site_worker", NEW, 4, 4, on_target=2, holder="pipeline 481"),
    ServiceLine(
        "site_api",
        NEW,
        3,
        4,
        on_target=2,
        left=Left("interrupted", SINCE, 192.0, 7, "ann@desk", "`rollout resume site_api` finishes it"),
    ),
    ServiceLine("site_cron", OLD, 0, 0),
)
SLOTS = (
    SlotLine("1", "n1", TaskState.RUNNING, NEW, 300.0),
    SlotLine("2", "n2", TaskState.FAILED, NEW, 3.0, "task: [red]non-zero[/red] exit (255)\x1b[2J"),
    SlotLine("3", "", TaskState.PENDING, OLD),
)


def on_a_terminal(table, width: int = 100) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, width=width, no_color=True, _environ={})
    console.print(table)
    return console.file.getvalue()


def test_in_a_pipe_the_columns_are_aligned():
    assert agrees_with_golden("status.txt", unstyled(services_lines(SERVICES)))
    assert agrees_with_golden("status_service.txt", unstyled(slots_lines(SERVICES[3], SLOTS)))


def test_no_line_ends_in_blanks():
    assert all(text == text.rstrip() for text in unstyled(services_lines(SERVICES)).splitlines())


@pytest.mark.parametrize(
    ("service", "words"),
    [
        (SERVICES[0], "ok"),
        (SERVICES[1], "1 of 4 not running"),
        (SERVICES[2], "deployment under way by pipeline 481: 2 of 4 on the target"),
        (
            SERVICES[3],
            "interrupted 3m 12s ago (deployment 7 by ann@desk): 2 of 4 on the target, 1 not running",
        ),
        (SERVICES[4], "no replicas"),
    ],
)
def test_a_services_state_is_said_in_words(service, words):
    assert state_of(service).text == words


def test_a_terminal_gets_a_table_in_which_names_and_images_are_whole():
    text = on_a_terminal(services_table(SERVICES), 80)
    assert all(service.name in text for service in SERVICES)
    assert "patch-php-fpm:2.7.0@5f3a9c01" in text


def test_markup_and_escapes_in_an_error_are_shown_literally():
    text = on_a_terminal(slots_table(SERVICES[3], SLOTS), 120)
    assert "task: [red]non-zero[/red] exit (255)" in text
    assert "\x1b[2J" not in text


def test_a_title_cannot_bring_markup_in():
    assert "[red]x" in on_a_terminal(
        slots_table(ServiceLine("php", NEW, 1, 1, 1, left=replace(SERVICES[3].left, who="[red]x")), SLOTS)
    )


def test_the_json_says_the_same():
    fields = json.loads(json.dumps(services_json(SERVICES)))
    assert [service["state"] for service in fields["services"]] == [state_of(line).text for line in SERVICES]
    one = json.loads(json.dumps(slots_json(SERVICES[3], SLOTS)))
    assert [slot["state"] for slot in one["slots"]] == ["running", "failed", "pending"]
    assert one["unfinished"] == {
        "how": "interrupted",
        "since": "2026-03-02T09:14:00+00:00",
        "seconds": 192.0,
        "revision": 7,
        "who": "ann@desk",
    }
    assert one["slots"][1]["error"] == "task: [red]non-zero[/red] exit (255)"


def test_watching_shows_each_look_until_ctrl_c():
    looks = iter(SERVICES)
    stream = io.StringIO()
    waits = iter([None, None])

    def wait() -> None:
        if next(waits, "stop") == "stop":
            raise KeyboardInterrupt

    console = Console(file=stream, force_terminal=True, width=100, height=24, _environ={})
    with pytest.raises(KeyboardInterrupt):
        watch(console, lambda: services_table([next(looks)]), wait)
    assert all(service.name in stream.getvalue() for service in SERVICES[:3])
    assert stream.getvalue().count("\x1b[?25h") == 1
