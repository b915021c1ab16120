"""The table of faults: what is counted from what was seen, how it reads, and what it has to keep."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from faults.case import Blow, Case, settings
from faults.cases import CASES
from faults.figures import Figures, Look, Run, figures
from faults.measure import Blows
from faults.promises import shortfalls
from faults.table import BEGIN, END, Circumstances, Row, page, raw, table
from faults.tools import Command, Docker, event, is_verdict
from faults.watch import Watch, gave_up, is_of
from hypothesis import given
from hypothesis import strategies as st

from rollout import config
from rollout.lab.stack import FAULTS, GOOD
from rollout.lab.tally import Visit, summarise

START = 1000.0
OLD_ONLY = Look(START, 4, 0)
FOUND = Figures(3, 9.0, "old", 600, 30, 0.5, 25, 4.0, 1.5, 0.4, 2.0)
ROW = Row("error500", "every page is a 500", "rollout", True, (3,), FOUND)
WHERE = Circumstances("2026-01-02", "20.10", "28.0", 2, 60, 20)


def look(at: float, old: int, new: int, update: str = "") -> Look:
    return Look(START + at, old, new, update)


def run(*looks: Look, verdict: float | None = None, first_new: float | None = None) -> Run:
    return Run(
        started=START,
        ended=START + 9,
        exit_code=3,
        verdict=None if verdict is None else START + verdict,
        first_new=None if first_new is None else START + first_new,
        looks=looks or (OLD_ONLY,),
        slots=4,
    )


def users(*failed: float, answered: float | None = None, began: float = START):
    """Requests that failed, and the first answer of the new release, in seconds after the start."""
    visits = [Visit(at=START + at - began, ms=0, status=500) for at in failed]
    if answered is not None:
        visits.append(Visit(at=START + answered - began, ms=0, status=200, version="v2"))
    return summarise(visits, started=began, seconds=9)


def test_harm_is_failed_requests_in_seconds_of_traffic():
    found = figures(run(), users(1, 2, 3), rate=2, version="v2")
    assert (found.failed, found.harm) == (3, 1.5)


def test_users_who_began_before_the_command_are_on_the_same_clock():
    found = figures(run(verdict=3), users(1, 5, answered=0.5, began=START - 2), 60, "v2")
    assert (found.noticed, found.users_back) == (2.5, 2.0)


@pytest.mark.parametrize(
    ("first_new", "answered", "failed", "noticed"),
    [(2, 3, [4], 4.0), (3, 2, [4], 4.0), (4, 3, [2], 4.0), (None, None, [5], 1.0), (2, None, [], 4.0)],
)
def test_the_first_sign_of_the_new_release_starts_the_clock(first_new, answered, failed, noticed):
    seen = users(*failed, answered=answered)
    assert figures(run(verdict=6, first_new=first_new), seen, 60, "v2").noticed == noticed


def test_a_failure_before_the_command_is_not_held_against_the_release():
    before = users(-1, began=START - 10)
    assert figures(run(verdict=6, first_new=4), before, 60, "v2").noticed == 2.0


def test_a_release_that_was_judged_before_it_served_was_not_noticed_by_anybody():
    assert figures(run(verdict=2, first_new=4), users(3), 60, "v2").noticed is None


def test_who_meets_no_failure_after_the_verdict_is_well_at_once():
    assert figures(run(verdict=3), users(1, 2), 60, "v2").users_back == 0


def test_without_a_verdict_nothing_counts_from_it():
    found = figures(run(look(1, 0, 4)), users(1, 2, 3), 60, "v2")
    assert (found.verdict, found.noticed, found.users_back, found.service_back) == (None,) * 4


def test_a_service_is_back_when_it_stays_back():
    looks = (look(1, 4, 0), look(2, 3, 1), look(4, 4, 0), look(5, 3, 1), look(7, 4, 0), look(8, 4, 0))
    assert figures(run(*looks, verdict=3), users(), 60, "v2").service_back == 4.0


def test_a_service_that_never_lost_a_slot_is_back_with_the_verdict():
    assert figures(run(look(1, 4, 0), look(5, 4, 0), verdict=3), users(), 60, "v2").service_back == 0


def test_a_service_that_does_not_come_back_has_no_time_for_it():
    assert figures(run(look(1, 4, 0), look(5, 4, 1), verdict=3), users(), 60, "v2").service_back is None


@pytest.mark.parametrize(
    ("last", "serves"),
    [((4, 0), "old"), ((0, 4), "new"), ((2, 2), "both"), ((4, 1), "both"), ((3, 0), "old")],
)
def test_what_runs_in_the_end_is_what_swarm_wants_to_run(last, serves):
    assert figures(run(look(1, 4, 0), look(9, *last)), users(), 60, "v2").serves == serves


@given(st.lists(st.floats(0, 9), max_size=30), st.floats(0, 9))
def test_users_are_never_well_before_the_verdict(failed, verdict):
    found = figures(run(verdict=verdict), users(*failed), 60, "v2")
    assert found.users_back is not None
    assert found.users_back >= 0
    assert found.failed == len(failed)


def test_a_row_reads_from_left_to_right():
    line = table([ROW]).splitlines()[-1]
    assert line.startswith("| every page is a 500 | rollout | 3 | old release | 30 of 600 | 0.5 s |")
    assert line.endswith("| 25 | 4.0 s | 1.5 s | 0.4 s | 2.0 s |")


def test_a_fault_is_named_once_for_both_tools():
    lines = table([ROW, replace(ROW, tool="docker")]).splitlines()
    assert lines[-1].startswith("|  | docker |")


def test_a_bad_release_that_nobody_noticed_says_never():
    unseen = replace(
        FOUND, exit_code=0, serves="new", verdict=None, noticed=None, users_back=None, service_back=None
    )
    line = table([replace(ROW, tool="docker", figures=unseen)]).splitlines()[-1]
    assert line.endswith("| 0 | new release | 30 of 600 | 0.5 s | 25 | never | never | by hand | by hand |")


def test_a_good_release_that_went_through_has_no_verdict():
    fine = replace(
        FOUND, exit_code=0, serves="new", verdict=None, noticed=None, users_back=None, service_back=None
    )
    line = table([replace(ROW, blame=False, figures=fine)]).splitlines()[-1]
    assert line.endswith("| 25 | - | - | - | - |")


def test_a_command_that_had_to_be_stopped_has_no_exit_code():
    line = table([replace(ROW, figures=replace(FOUND, exit_code=None, seconds=60.2))]).splitlines()[-1]
    assert "| none in 60 s |" in line


def test_a_tool_without_such_a_thing_says_so_and_the_columns_stay():
    lines = table([replace(ROW, tool="docker", figures=None, note="has no hooks")]).splitlines()
    assert "| has no hooks |" in lines[-1]
    assert len({line.count("|") for line in lines}) == 1


def test_what_was_written_by_hand_stays_on_the_page():
    text = f"# Faults\n\nread me\n\n{BEGIN}\nold table\n{END}\nthe end\n"
    made = page(text, [ROW], WHERE)
    assert made.startswith("# Faults\n\nread me\n\n")
    assert made.endswith("\nthe end\n")
    assert "old table" not in made
    assert "2026-01-02" in made
    assert page(made, [ROW], WHERE) == made


def test_a_page_without_marks_is_not_overwritten():
    with pytest.raises(ValueError, match="lacks the lines"):
        page("# Faults\n", [ROW], WHERE)


def test_the_raw_figures_are_json_with_their_circumstances():
    read = json.loads(raw([ROW], WHERE))
    assert read["circumstances"]["cores"] == 2
    assert read["rows"][0]["figures"]["harm"] == 0.5


def test_a_row_that_keeps_every_promise_is_not_mentioned():
    assert shortfalls([ROW]) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"exit_code": 0}, "exit code 0 instead of 3"),
        ({"exit_code": None}, "exit code None instead of 3"),
        ({"serves": "both"}, "the old release does not run again"),
        ({"harm": 1.01}, "harm: 1.01 s, more than 1 s"),
        ({"noticed": 2.1}, "verdict after the first bad replica served: 2.1 s, more than 2 s"),
        ({"users_back": 3.1}, "users well after the verdict: 3.1 s, more than 3 s"),
    ],
)
def test_a_broken_promise_is_named(change, sentence):
    assert f"error500: {sentence}" in shortfalls([replace(ROW, figures=replace(FOUND, **change))])


def test_a_release_that_a_smoke_test_stops_may_harm_nobody():
    row = replace(ROW, name="smoke", figures=replace(FOUND, failed=1))
    assert shortfalls([row]) == ["smoke: 1 requests failed instead of none"]


def test_a_success_that_does_not_serve_is_a_lie():
    row = Row("good", "good", "rollout", False, (0,), replace(FOUND, exit_code=0, failed=0))
    assert shortfalls([row]) == ["good: exit code 0, but in the end the old release runs"]


def test_nothing_is_promised_for_the_other_tool():
    assert shortfalls([replace(ROW, tool="docker", figures=replace(FOUND, exit_code=0, harm=60))]) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_has_a_configuration_that_rollout_takes(case: Case, tmp_path: Path):
    (tmp_path / "rollout.toml").write_text(settings(case, "site_php"))
    found = config.load_file(tmp_path, None)
    assert found is not None
    assert [(table.key, table.service) for table in found.services] == [(case.service, "site_php")]


def test_every_case_is_told_apart_and_has_a_release_that_the_lab_can_build():
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
    assert {case.release for case in CASES} <= {*FAULTS, GOOD, ""}


def test_blows_fall_in_order_and_only_after_a_new_replica_runs():
    struck: list[str] = []
    blows = Blows(
        None, [Blow(0, lambda _: struck.append("first")), Blow(20, lambda _: struck.append("later"))]
    )
    blows.strike(None, START)
    assert struck == []
    blows.strike(START, START)
    blows.strike(START, START + 19)
    assert struck == ["first"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ('{"event": "release_failed", "cause": {}}', True),
        ('{"event": "outcome", "kind": "rolled_back"}', True),
        ('{"event": "outcome", "kind": "held"}', True),
        ('{"event": "outcome", "kind": "deployed"}', False),
        ('{"event": "error", "sentence": "no such image"}', True),
        ('{"event": "waiting"}', False),
        ("a warning of Python's", False),
        ("42", False),
    ],
)
def test_a_verdict_is_a_bad_release_or_an_end_without_success(line, verdict):
    assert is_verdict(event(line)) is verdict


@pytest.mark.parametrize(
    ("state", "given_up"),
    [("", False), ("updating", False), ("completed", False), ("paused", True), ("rollback_started", True)],
)
def test_swarm_gives_up_by_pausing_or_rolling_back(state, given_up):
    assert gave_up(look(0, 4, 0, state)) is given_up


@pytest.mark.parametrize(
    ("image", "same"), [("r:5/php:v2", True), ("r:5/php:v2@sha256:1", True), ("r:5/php:v21", False)]
)
def test_a_task_is_told_by_its_image_without_the_digest(image, same):
    assert is_of({"Spec": {"ContainerSpec": {"Image": image}}}, "r:5/php:v2") is same


class Ended:
    """A process that has ended with some exit code, after it said some lines."""

    def __init__(self, returncode: int, *lines: str) -> None:
        self.returncode, self.stdout = returncode, iter(lines)

    def poll(self) -> int:
        return self.returncode

    def wait(self, _seconds: float = 0) -> int:
        return self.returncode

    def terminate(self) -> None:
        pass


def unseen() -> Watch:
    """A watch that has never seen Swarm give anything up."""
    return Watch(None, "", "")


def test_a_docker_that_fails_has_a_verdict_and_one_that_had_to_be_stopped_has_none():
    failed, stopped = Command(Ended(1, "no such service\n")), Command(Ended(143, "site_php\n"))
    failed.lines()
    stopped.lines()
    stopped.stop()
    assert Docker().verdict(failed, unseen(), START) is not None
    assert Docker().verdict(stopped, unseen(), START) is None
