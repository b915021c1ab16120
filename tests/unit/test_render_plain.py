from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import pytest
from unit.render_scenes import (
    GATE,
    NEW,
    NO_ROOM,
    Stage,
    agrees_with_golden,
    bad,
    careful,
    good,
    plan,
    smoked,
)

from rollout.errors import RolloutError
from rollout.events import (
    BakeStarted,
    Event,
    GateJudged,
    GateProgress,
    Measured,
    Note,
    Observed,
    OneShotEnded,
    OneShotStarted,
    Planned,
    StepStarted,
    Waiting,
)
from rollout.model import Impact, Slot, Verdict
from rollout.render.plain import PlainLines


def printed(events, colour: bool = False) -> str:
    stream = io.StringIO()
    with PlainLines(stream, colour) as sink:
        for event in events:
            sink.emit(event)
    assert sink.trouble is None
    return stream.getvalue()


def lines_of(events) -> list[str]:
    return printed(events).splitlines()


def released(replicas: int = 1, start: float = 60.0) -> tuple[Stage, list[Event]]:
    """A deployment whose first slot has just been released."""
    stage = Stage(replicas, start=start)
    events: list[Event] = [Planned(0.0, plan(replicas)), stage.look(0.1), StepStarted(0.2, 1, replicas, 1, 1)]
    stage.released[1] = 0.3
    return stage, events


def test_a_good_release_reads_like_this():
    assert agrees_with_golden("plain_good.txt", printed(good()))


def test_a_bad_release_reads_like_this():
    assert agrees_with_golden("plain_bad.txt", printed(bad()))


def test_a_careful_release_reads_like_this():
    assert agrees_with_golden("plain_careful.txt", printed(careful()))


def test_a_failed_smoke_test_reads_like_this():
    assert agrees_with_golden("plain_smoked.txt", printed(smoked()))


def test_of_a_command_that_succeeded_only_the_last_lines_are_shown():
    log = tuple(f"line {number}" for number in range(20))
    said = lines_of([OneShotEnded(1.0, "after hook", 0.5, "", log)])
    assert [text.split("│ ")[1] for text in said[:-1]] == [f"line {number}" for number in range(10, 20)]


def test_what_a_command_says_cannot_drive_a_terminal():
    said = printed([OneShotEnded(1.0, "after hook", 0.5, "no\x1b[2J", ("\x1b]0;x\x07  evil",))])
    assert said == "[    1.0s]   │ evil\n[    1.0s] after hook: no (after 0.5s)\n"


def test_failed_requests_are_told_each_time_that_they_have_about_doubled():
    told = lines_of([Measured(float(number), Impact(asked=100, failed=number)) for number in range(10)])
    assert [text.split()[2] for text in told] == ["users:"] * 4
    assert [text.split()[3] for text in told] == ["1", "2", "4", "8"]


def test_why_it_waits_is_told_once_for_each_reason():
    other = replace(NO_ROOM, sentence="node n3 is lost")
    events = [Waiting(at, cause, 600.0) for at, cause in ((1.0, NO_ROOM), (2.0, NO_ROOM), (3.0, other))]
    assert lines_of([Planned(0.0, plan()), *events])[1:] == [
        f"[    1.0s] warning: no capacity: {NO_ROOM.sentence} (php.1); waiting for up to 9m 59s",
        "[    3.0s] warning: no capacity: node n3 is lost (php.1); waiting for up to 9m 57s",
    ]


def test_silence_during_a_hook_says_which_one_runs():
    stage, shot = Stage(1), OneShotStarted(0.2, "before hook", "php artisan migrate")
    said = lines_of([Planned(0.0, plan(1)), stage.look(0.1), shot, stage.look(20.3)])
    assert said[-1] == "[   20.3s] still running for 20s: before hook `php artisan migrate`"


def test_silence_while_it_waits_says_what_for_and_how_long():
    said = lines_of([*released()[1], Waiting(1.0, NO_ROOM, 601.0), Stage(1).look(20.0)])
    assert said[-1] == f"[   20.0s] still waiting, 9m 41s left: {NO_ROOM.sentence}"


@pytest.mark.parametrize("release", [good, bad])
def test_each_change_is_printed_once(release):
    said = [text.partition("] ")[2] for text in lines_of(release()) if " on n" in text]
    assert len(said) == len(set(said))


def test_a_change_of_state_names_slot_node_states_and_generation():
    assert "[    5.1s] php.1 on n1: starting → running (new)" in lines_of(good())


def test_a_poll_that_shows_nothing_new_prints_nothing():
    stage, events = released()
    assert lines_of([*events, stage.look(0.4), stage.look(0.5), stage.look(0.6)])[3:] == []


def test_a_pipe_gets_no_escape_codes():
    assert "\x1b" not in printed(bad())


def test_colour_is_written_where_it_is_wanted():
    assert "\x1b[1;31mthe release is bad\x1b[0m" in printed(bad(), colour=True)


def test_after_15_quiet_seconds_a_line_says_what_is_waited_for():
    stage, events = released()
    events += [stage.look(at / 2) for at in range(1, 40)]
    assert lines_of(events)[-1] == "[   16.5s] still waiting: php.1 on n1 starting for 15s"


def test_the_heartbeat_goes_on_every_15_seconds():
    stage, events = released(start=300.0)
    beats = [
        text for text in lines_of([*events, *(stage.look(at) for at in range(1, 100))]) if "still" in text
    ]
    assert [text[:11] for text in beats] == [
        "[   17.0s] ",
        "[   32.0s] ",
        "[   47.0s] ",
        "[   62.0s] ",
        "[   77.0s] ",
        "[   92.0s] ",
    ]


def test_the_heartbeat_counts_the_others_that_move():
    stage = Stage(3, start=100.0, released={1: 0.0, 2: 0.5, 3: 0.5})
    events = [Planned(0.0, plan(3, 3)), StepStarted(0.0, 1, 1, 3, 3), stage.look(2.0), stage.look(30.0)]
    assert lines_of(events)[-1].endswith("php.1 on n1 starting for 28s, and 2 more in motion")


def test_the_heartbeat_while_proving_tells_the_counts():
    stage = Stage(1)
    waiting = [GateProgress(20.0, GATE, 12, 0, 47)]
    said = lines_of([Planned(0.0, plan(1)), stage.look(0.1), *waiting])[-1]
    assert said == "[   20.0s] still preparing, http://lb.internal/health: 12 passed, 0 failed"


def test_the_heartbeat_while_baking_tells_the_time_to_go():
    stage = Stage(1)
    events = [Planned(0.0, plan(1)), BakeStarted(1.0, 60.0), stage.look(1.1), stage.look(21.0)]
    assert lines_of(events)[-1] == "[   21.0s] still baking: 40s to go"


def test_two_heartbeats_alike_are_both_printed():
    stage = Stage(1)
    events = [Planned(0.0, plan(1)), stage.look(1.0), stage.look(20.0), stage.look(40.0)]
    assert lines_of(events)[1:] == ["[   20.0s] still preparing", "[   40.0s] still preparing"]


def test_a_task_that_cannot_be_placed_says_why():
    stage, events = released()
    seen = stage.look(0.4)
    new, old = seen.slots[0].tasks
    stuck = replace(new, error="no suitable node (insufficient resources on 3 nodes)", node_id="")
    said = lines_of([*events, Observed(0.4, (Slot("1", (stuck, old)),), {stuck.id: "no node"})])[-1]
    assert said == "[    0.4s] php.1: pending (new): no suitable node (insufficient resources on 3 nodes)"


def test_a_task_that_crashes_between_two_polls_is_told_all_the_same():
    stage, events = released()
    stage.crash = 1
    said = "[    9.0s] php.1 on n1: failed (new): task: non-zero exit (255)"
    assert said in lines_of([*events, stage.look(9.0)])


def test_what_went_wrong_before_the_deployment_is_no_news():
    _, dead, old = Stage(1, crash=1, released={1: -60.0}).look(0.1).slots[0].tasks
    assert len(lines_of([Planned(0.0, plan(1)), Observed(0.1, (Slot("1", (old, dead)),), {})])) == 1


def test_a_node_takes_the_slots_place_in_global_mode():
    stage, events = released()
    slot = replace(stage.look(2.0).slots[0], key="x7k2p9w4m1q8z3v6b5n0t2r4s")
    assert (
        lines_of([*events, replace(stage.look(2.0), slots=(slot,))])[-1]
        == "[    2.0s] php on n1: starting (new)"
    )


def test_a_forced_release_of_the_same_image_still_tells_old_from_new():
    whole = plan(2, old_image=NEW, new_image=NEW)
    stage = Stage(2)
    events: list[Event] = [Planned(0.0, whole), stage.look(0.1), StepStarted(0.2, 1, 2, 1, 1)]
    stage.released[1] = 0.3
    said = lines_of([*events, stage.look(2.0), stage.look(9.0)])
    assert said[0].startswith(
        "[    0.0s] plan: patch-php-fpm:2.7.0@5f3a9c01 (same image), start-first, 2 steps"
    )
    assert said[-2:] == [
        "[    9.0s] php.1 on n1: running → shutdown (old)",
        "[    9.0s] php.1 on n1: starting → running (new)",
    ]


def test_a_gates_verdict_is_told_once_a_step():
    _, events = released()
    judged = [GateJudged(1.0 + tick, GATE, Verdict.INCONCLUSIVE, f"{tick} so far") for tick in range(3)]
    assert sum("inconclusive" in text for text in lines_of([*events, *judged])) == 1


def test_the_sentence_of_a_failed_gate_is_not_said_twice():
    assert sum("ended by itself" in text for text in lines_of(bad())) == 1


def test_the_first_failed_measurement_is_told():
    counts = [
        GateProgress(1.0, GATE, 7, 0, 47),
        GateProgress(2.0, GATE, 9, 1, 47),
        GateProgress(3.0, GATE, 9, 2, 47),
    ]
    said = [text for text in lines_of([Planned(0.0, plan()), *counts]) if "health:" in text]
    assert said == ["[    2.0s] http://lb.internal/health: failed for the first time, 9 passed so far"]


def test_escapes_and_markup_of_others_are_harmless():
    said = printed([Note(0.0, "lock of \x1b[2J[bold]eve[/bold]\n\x1b]0;x\x07", warning=True)])
    assert said == "[    0.0s] warning: lock of [bold]eve[/bold]\n"


def test_an_ascii_stream_gets_ascii():
    raw = io.BytesIO()
    with PlainLines(io.TextIOWrapper(raw, "ascii", write_through=True)) as sink:
        for event in good():
            sink.emit(event)
        sink.emit(Note(99.0, "für"))
    assert sink.trouble is None
    assert b"php.1 on n1: starting -> running (new)" in raw.getvalue()
    assert b"f\\xfcr" in raw.getvalue()


class Gone(io.StringIO):
    """A pipe whose reader has left."""

    tries = 0

    def write(self, _text: str) -> int:
        self.tries += 1
        raise BrokenPipeError


def test_a_reader_that_has_left_does_not_stop_the_deployment():
    stream = Gone()
    sink = PlainLines(stream)
    for event in good():
        sink.emit(event)
    assert stream.tries == 1
    assert isinstance(sink.trouble, BrokenPipeError)


def test_nothing_that_is_emitted_raises():
    sink = PlainLines(io.StringIO())
    sink.emit("no event at all")  # type: ignore[arg-type]
    assert sink.trouble is not None


def test_ctrl_c_in_the_middle_of_a_line_does_not_get_lost():
    class Interrupted(io.StringIO):
        def write(self, _text: str) -> int:
            raise RolloutError("stopped at once")

    with pytest.raises(RolloutError):
        PlainLines(Interrupted()).emit(Note(0.0, "hello"))


def test_plain_lines_do_not_pay_for_rich():
    modules = "rollout.render.plain, rollout.render.json_lines, rollout.render.plan, rollout.render.status"
    program = f"import sys, {modules}; print('rich' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
