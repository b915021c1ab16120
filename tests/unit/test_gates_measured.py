"""The gates that are read again and again: single readings, and what a row of them means."""

from __future__ import annotations

import pytest
from builders import NEW, slot_of, task_of
from hypothesis import given
from hypothesis import strategies as some

from rollout.gates import exec as command
from rollout.gates import manual, prometheus, stable, streak, tcp
from rollout.gates.names import named
from rollout.model import (
    Absence,
    CauseKind,
    ExecGate,
    Judgement,
    ManualGate,
    Operator,
    ProbeResult,
    PrometheusGate,
    Queried,
    Ran,
    StableGate,
    TaskState,
    TcpGate,
    Verdict,
)

GATE = TcpGate("redis:6379", successes=3, failures=2)
GOOD = Judgement(Verdict.PASS, "connected")
BAD = Judgement(Verdict.FAIL, "connection refused", CauseKind.GATE)
UNKNOWN = Judgement(Verdict.INCONCLUSIVE, "name does not resolve")

READINGS = some.lists(some.sampled_from([GOOD, BAD, UNKNOWN]), max_size=12)
PATIENCE = some.builds(TcpGate, some.just("a:1"), successes=some.integers(1, 5), failures=some.integers(1, 5))


def test_three_successes_in_a_row_pass_and_say_so():
    judgement = streak.judge([BAD, GOOD, GOOD, GOOD], GATE)
    assert (judgement.verdict, judgement.evidence) == (Verdict.PASS, "connected, 3 times in a row")


def test_two_failures_in_a_row_fail_with_their_evidence_and_cause():
    judgement = streak.judge([GOOD, GOOD, BAD, BAD], GATE)
    assert (judgement.verdict, judgement.cause) == (Verdict.FAIL, CauseKind.GATE)
    assert judgement.evidence == "connection refused, 2 times in a row"


def test_a_streak_that_is_too_short_decides_nothing():
    judgement = streak.judge([GOOD, BAD, GOOD, GOOD], GATE)
    assert (judgement.verdict, judgement.evidence) == (Verdict.INCONCLUSIVE, "2 of 3 in a row: connected")


def test_before_anything_was_measured_nothing_is_known():
    assert streak.judge([], GATE).verdict == Verdict.INCONCLUSIVE
    assert streak.judge([UNKNOWN], GATE) == UNKNOWN


@given(READINGS, PATIENCE)
def test_readings_that_say_nothing_change_nothing(readings: list[Judgement], gate: TcpGate):
    conclusive = [reading for reading in readings if reading is not UNKNOWN]
    assert streak.judge(readings, gate).verdict == streak.judge(conclusive, gate).verdict


@given(READINGS, PATIENCE, some.sampled_from([GOOD, BAD]))
def test_enough_equal_readings_decide_whatever_was_before(
    readings: list[Judgement], gate: TcpGate, reading: Judgement
):
    wanted = gate.successes if reading is GOOD else gate.failures
    assert streak.judge([*readings, *[reading] * wanted], gate).verdict == reading.verdict


@given(READINGS, PATIENCE)
def test_no_verdict_comes_without_enough_readings_for_it(readings: list[Judgement], gate: TcpGate):
    verdict = streak.judge(readings, gate).verdict
    assert verdict != Verdict.PASS or readings.count(GOOD) >= gate.successes
    assert verdict != Verdict.FAIL or readings.count(BAD) >= gate.failures


REFUSED = ProbeResult(False, error="connection refused", reached=False)


def test_a_port_that_was_never_reached_is_not_held_against_the_release():
    reading = tcp.read(REFUSED, [UNKNOWN])
    assert (reading.verdict, reading.evidence) == (Verdict.INCONCLUSIVE, "never reached: connection refused")


def test_a_port_that_closes_fails():
    reading = tcp.read(REFUSED, [tcp.read(ProbeResult(True), [])])
    assert (reading.verdict, reading.cause) == (Verdict.FAIL, CauseKind.GATE)
    assert reading.evidence == "connection refused, after it had been reached"


def test_a_name_that_does_not_resolve_any_more_says_nothing_about_the_release():
    lost = ProbeResult(False, error="name does not resolve", reached=False, resolved=False)
    assert tcp.read(lost, [GOOD]).verdict == Verdict.INCONCLUSIVE


def test_a_command_is_judged_by_its_exit_code_and_quoted():
    assert command.read(Ran(0, ("all good",))).verdict == Verdict.PASS
    failed = command.read(Ran(2, ("checking", "no orders since 10:02")))
    assert (failed.verdict, failed.cause) == (Verdict.FAIL, CauseKind.GATE)
    assert failed.evidence == "exit code 2: no orders since 10:02"


def test_a_command_that_a_signal_ended_failed_and_a_time_out_is_said_as_such():
    assert command.read(Ran(-11)).evidence == "killed by signal 11"
    late = command.read(Ran(-9, ("waiting",), "not done within 30s"))
    assert (late.verdict, late.evidence) == (Verdict.FAIL, "not done within 30s: waiting")


def test_a_command_that_could_not_be_started_says_nothing_about_the_release():
    reading = command.read(Ran(None, error="./check.sh was not found"))
    assert (reading.verdict, reading.evidence) == (Verdict.INCONCLUSIVE, "./check.sh was not found")


def query(operator: Operator, threshold: float, absence: Absence = Absence.INCONCLUSIVE) -> PrometheusGate:
    return PrometheusGate("http://prometheus:9090", "up", operator, threshold, absence)


@pytest.mark.parametrize(
    ("operator", "holds", "fails"),
    [
        (Operator.LESS, [0.9], [1.0, 1.1]),
        (Operator.AT_MOST, [0.9, 1.0], [1.1]),
        (Operator.MORE, [1.1, float("inf")], [1.0, 0.9]),
        (Operator.AT_LEAST, [1.1, 1.0], [0.9]),
        (Operator.EQUAL, [1.0], [0.9, 1.1]),
        (Operator.OTHER, [0.9, 1.1], [1.0]),
    ],
)
def test_every_operator_compares_as_it_is_written(operator: Operator, holds: list[float], fails: list[float]):
    gate = query(operator, 1.0)
    assert {prometheus.read(Queried((value,)), gate).verdict for value in holds} == {Verdict.PASS}
    assert {prometheus.read(Queried((value,)), gate).verdict for value in fails} == {Verdict.FAIL}


def test_one_wrong_value_among_many_fails_and_is_named():
    reading = prometheus.read(Queried((0.1, 7.0, 0.2)), query(Operator.LESS, 1.0))
    assert (reading.verdict, reading.cause) == (Verdict.FAIL, CauseKind.GATE)
    assert reading.evidence == "7 is not < 1 (1 of 3 values)"


@pytest.mark.parametrize("absence", Absence)
@pytest.mark.parametrize("values", [(), (float("nan"),)])
def test_no_result_means_what_the_gate_says(absence: Absence, values: tuple[float, ...]):
    reading = prometheus.read(Queried(values), query(Operator.OTHER, 1.0, absence))
    assert reading.verdict == Verdict(absence)
    assert (reading.cause == CauseKind.GATE) == (absence == Absence.FAIL)


def test_a_server_without_an_answer_says_nothing_about_the_release_whatever_absence_means():
    reading = prometheus.read(Queried(error="connection refused"), query(Operator.LESS, 1.0, Absence.FAIL))
    assert (reading.verdict, reading.evidence) == (Verdict.INCONCLUSIVE, "connection refused")


@given(some.lists(some.floats(allow_nan=False), min_size=1, max_size=5), some.floats(-10, 10))
def test_a_pass_means_that_every_value_holds(values: list[float], threshold: float):
    reading = prometheus.read(Queried(tuple(values)), query(Operator.AT_MOST, threshold))
    assert (reading.verdict == Verdict.PASS) == all(value <= threshold for value in values)


def running(slot: int):
    return task_of(slot, id=f"new-{slot}", image=NEW)


SLOTS = (slot_of(running(1)), slot_of(running(2)), slot_of(task_of(3, up_to_date=False)))
SINCE = {"new-1": 0.0, "new-2": 10.0, "task-3": 39.0}


def test_a_release_is_stable_when_its_youngest_replica_is_old_enough():
    assert stable.judge(SLOTS, SINCE, {}, 30.0, 39.9).verdict == Verdict.INCONCLUSIVE
    judgement = stable.judge(SLOTS, SINCE, {}, 30.0, 40.0)
    assert (judgement.verdict, judgement.evidence) == (Verdict.PASS, "no restart for 30s")


def test_a_restart_starts_the_time_anew():
    judgement = stable.judge(SLOTS, SINCE, {"gone": 35.0}, 30.0, 40.0)
    assert judgement.evidence == "no restart for 5.0s of 30s"
    assert stable.judge(SLOTS, SINCE, {"gone": 35.0}, 30.0, 65.0).verdict == Verdict.PASS


def test_a_release_is_not_stable_while_one_of_its_replicas_does_not_run():
    starting = slot_of(task_of(4, id="new-4", image=NEW, state=TaskState.STARTING))
    assert stable.judge((*SLOTS, starting), SINCE, {}, 30.0, 100.0).verdict == Verdict.INCONCLUSIVE


def test_nothing_is_stable_before_there_is_a_replica():
    assert stable.judge((SLOTS[2],), SINCE, {}, 30.0, 100.0).verdict == Verdict.INCONCLUSIVE


@given(
    some.dictionaries(some.integers(1, 5), some.floats(0, 100), min_size=1),
    some.dictionaries(some.text("abc", min_size=1), some.floats(0, 100), max_size=3),
    some.floats(0, 60),
)
def test_stable_means_that_everything_is_that_long_ago(
    since: dict[int, float], dead: dict[str, float], seconds: float
):
    slots = [slot_of(running(number)) for number in since]
    times = {f"new-{number}": at for number, at in since.items()}
    passed = stable.judge(slots, times, dead, seconds, 100.0).verdict == Verdict.PASS
    assert passed == all(100.0 - at >= seconds for at in (*since.values(), *dead.values()))


def test_somebody_has_to_promote():
    assert manual.judge(promoted=True).verdict == Verdict.PASS
    waiting = manual.judge(promoted=False)
    assert (waiting.verdict, waiting.evidence) == (Verdict.INCONCLUSIVE, "waits for `rollout promote`")


def test_gates_are_called_by_what_they_look_at_and_no_two_the_same():
    long = PrometheusGate("http://p", "sum(rate(http_requests_total{\n  code=~'5..'}[1m]))", Operator.LESS, 1)
    gates = [TcpGate("redis:6379"), ExecGate(("./check.sh", "a b")), long, long, StableGate(), ManualGate()]
    assert [name for name, _ in named(gates)] == [
        "tcp redis:6379",
        "exec ./check.sh 'a b'",
        "prometheus sum(rate(http_requests_total{ code=~'5.…",
        "prometheus sum(rate(http_requests_total{ code=~'5.… (2)",
        "stable 30s",
        "manual",
    ]
    assert [gate for _, gate in named(gates)] == gates
