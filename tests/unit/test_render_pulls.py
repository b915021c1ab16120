"""The pre-pull as it is told: in a log, on a live screen, to programs."""

from __future__ import annotations

import io
import json

from unit.render_scenes import StillClock, plan, scene_at, unstyled

from rollout.events import Event, Planned, PullEnded, PullStarted
from rollout.render.advance import advance
from rollout.render.columns import Screen
from rollout.render.frame import frame
from rollout.render.json_lines import JsonLines
from rollout.render.plain import waiting_for
from rollout.render.scene import Scene
from rollout.render.story import tell

EVENTS: tuple[Event, ...] = (
    Planned(0.0, plan()),
    PullStarted(0.1, ("node-1", "node-2", "node-3")),
    PullEnded(4.2, "node-2", 4.1),
    PullEnded(5.0, "node-1", 4.9, 'No such image: \x1b[31m"app:2"'),
)


def told(events: tuple[Event, ...]) -> list[str]:
    """What they add to a log."""
    scene, lines = Scene(), list[str]()
    for event in events:
        lines += unstyled([said.spans for said in tell(event, scene)]).splitlines()
        scene = advance(event, scene)
    return lines


def test_a_log_has_a_line_a_node_and_says_what_keeps_one_from_it():
    assert told(EVENTS)[-3:] == [
        "pre-pull: patch-php-fpm:2.7.0@5f3a9c01 on 3 nodes",
        "pre-pull: node-2 has it after 4.1s",
        'pre-pull: node-1 cannot pull: No such image: "app:2"',
    ]


def test_a_log_that_has_long_been_silent_says_for_which_nodes_it_waits():
    assert waiting_for(scene_at(EVENTS, 4.5), 60.0) == "still pulling on node-1, node-3"


def test_the_screen_says_that_it_is_pulling_until_the_last_node_has_it():
    def shown(moment: float) -> str:
        return unstyled(frame(scene_at(EVENTS, moment), Screen(80, 24, moment, StillClock().wall())))

    assert "pulling" in shown(4.5)
    assert "pulling" not in shown(5.5)


def test_programs_get_the_nodes_the_times_and_the_error():
    stream = io.StringIO()
    with JsonLines(stream) as sink:
        for event in EVENTS:
            sink.emit(event)
    _, started, there, failed = map(json.loads, stream.getvalue().splitlines())
    assert (started["event"], started["nodes"]) == ("pull_started", ["node-1", "node-2", "node-3"])
    assert (there["event"], there["node"], there["seconds"]) == ("pull_ended", "node-2", 4.1)
    assert there["error"] == ""
    assert (failed["node"], failed["error"]) == ("node-1", 'No such image: "app:2"')
