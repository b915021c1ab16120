"""Alerts, from conditions to news: each is told once when it begins and once when it is over."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollout.model import Ailment, AlertState, Condition, Level, Message, NewsKind
from rollout.vigil import keeping
from rollout.vigil.alerts import Manner, Table, advance, excused, next_due
from rollout.vigil.keeping import Moment, Page
from rollout.vigil.tidings import Owed

MANNER = Manner(calm=10.0, remind=0.0)
NOBODY: frozenset[str] = frozenset()
START = datetime(2026, 1, 5, tzinfo=UTC)


def missing(subject: str = "s1", patience: float = 30.0) -> Condition:
    return Condition(Ailment.REPLICAS, subject, subject, "replicas are missing", Level.WARNING, patience)


def looping(subject: str = "s1") -> Condition:
    return Condition(Ailment.RESTARTING, subject, subject, "tasks die", Level.FAILURE)


def looping_little() -> Condition:
    return replace(looping(), level=Level.WARNING)


def down(*touches: str) -> Condition:
    return Condition(
        Ailment.NODE_DOWN, "n1", "n1", "the node n1 is down", Level.WARNING, 10.0, touches=frozenset(touches)
    )


@dataclass
class Run:
    """Alerts over time, by hand."""

    table: Table
    told: list[tuple[float, str, str]]
    manner: Manner = MANNER

    def look(self, at: float, *found: Condition, silenced: frozenset[str] = NOBODY) -> None:
        turn = advance(self.table, found, at, silenced, self.manner)
        self.table = turn.table
        self.told += [(at, str(news.kind), news.alert.key) for news in turn.news]

    def state(self, key: str = "service/s1") -> AlertState | None:
        return self.table[key].state if key in self.table else None


@pytest.fixture
def run() -> Run:
    return Run({}, [])


def test_it_is_told_when_it_has_held_for_its_patience(run: Run):
    for at in range(0, 100, 5):
        run.look(float(at), missing())
    assert run.told == [(30.0, "alert", "service/s1")]


def test_a_gap_begins_the_patience_anew(run: Run):
    run.look(0.0, missing())
    run.look(25.0)
    run.look(26.0, missing())
    run.look(50.0, missing())
    assert run.told == []
    run.look(56.0, missing())
    assert run.told == [(56.0, "alert", "service/s1")]


def test_it_is_over_when_it_has_been_well_for_a_while(run: Run):
    run.look(0.0, missing(patience=0.0))
    run.look(5.0)
    assert run.state() == AlertState.CLEARING
    run.look(14.0)
    assert len(run.told) == 1
    run.look(15.0)
    assert run.told[1:] == [(15.0, "alert_over", "service/s1")]
    assert run.table == {}


def test_what_comes_back_before_it_is_over_is_the_same_alert(run: Run):
    for at in (0.0, 20.0, 40.0):
        run.look(at, missing(patience=0.0))
        run.look(at + 5.0)
    assert [kind for _, kind, _ in run.told] == ["alert"]


def test_several_conditions_of_a_service_are_one_alert(run: Run):
    run.look(0.0, missing())
    run.look(5.0, missing(), looping())
    run.look(60.0, missing(), looping())
    run.look(65.0, looping())
    assert run.told == [(5.0, "alert", "service/s1")]
    assert run.table["service/s1"].lead.ailment == Ailment.RESTARTING


def test_a_deployment_explains_it_and_afterwards_it_has_its_patience_again(run: Run):
    for at in (0.0, 50.0, 100.0):
        run.look(at, missing(), silenced=frozenset({"s1"}))
    assert run.state() == AlertState.SILENCED
    run.look(120.0, missing())
    assert run.told == []
    run.look(130.0, missing())
    assert run.told == [(130.0, "alert", "service/s1")]


def test_a_deployment_does_not_explain_a_page_that_fails(run: Run):
    page = Condition(Ailment.PROBE, "s1", "shop", "it fails", Level.FAILURE)
    run.look(0.0, page, silenced=frozenset({"s1"}))
    assert run.told == [(0.0, "alert", "probe/s1")]


def test_a_node_stands_for_the_services_that_ran_there(run: Run):
    for at in range(0, 100, 5):
        run.look(float(at), down("s1", "s2"), missing("s1"), missing("s2"), missing("s3"))
    assert run.told == [(10.0, "alert", "node/n1"), (30.0, "alert", "service/s3")]
    assert run.state() == AlertState.COVERED


def test_what_is_told_before_a_node_goes_down_stays_told(run: Run):
    run.look(0.0, missing(patience=0.0))
    run.look(5.0, missing(patience=0.0), down("s1"))
    run.look(20.0, missing(patience=0.0), down("s1"))
    run.look(30.0, down("s1"))
    run.look(45.0, down("s1"))
    assert [(kind, key) for _, kind, key in run.told] == [
        ("alert", "service/s1"),
        ("alert", "node/n1"),
        ("alert_over", "service/s1"),
    ]


def test_it_is_told_again_at_the_pace_that_was_chosen():
    run = Run({}, [], Manner(calm=0.0, remind=100.0))
    for at in range(0, 260, 10):
        run.look(float(at), missing(patience=0.0))
    assert [(at, kind) for at, kind, _ in run.told] == [
        (0.0, "alert"),
        (100.0, "alert_reminder"),
        (200.0, "alert_reminder"),
    ]


def test_a_warning_that_becomes_a_failure_is_told_once_more(run: Run):
    run.look(0.0, missing(patience=0.0))
    for at in (5.0, 10.0, 15.0):
        run.look(at, replace(missing(patience=0.0), level=Level.FAILURE))
    run.look(20.0, missing(patience=0.0))
    run.look(25.0, replace(missing(patience=0.0), level=Level.FAILURE))
    assert [(at, kind) for at, kind, _ in run.told] == [(0.0, "alert"), (5.0, "alert_worse")]


def test_it_is_no_worse_to_a_watcher_that_has_been_restarted(run: Run):
    run.look(0.0, missing(patience=0.0))
    before = keeping.kept(run.table)
    run.look(5.0, replace(missing(patience=0.0), level=Level.FAILURE))
    assert keeping.kept(run.table) != before, "so that it is written down"
    run.table = reborn(run.table, 5.0, MANNER)
    run.look(10.0, replace(missing(patience=0.0), level=Level.FAILURE))
    assert [kind for _, kind, _ in run.told] == ["alert", "alert_worse"]


def test_a_reminder_says_what_is_wrong_now():
    manner = Manner(calm=0.0, remind=100.0)
    first = replace(missing(patience=0.0), sentence="3 of 4")
    table = advance({}, [first], 0.0, NOBODY, manner).table
    (news,) = advance(table, [replace(first, sentence="2 of 4")], 100.0, NOBODY, manner).news
    assert (news.kind, news.alert.lead.sentence) == (NewsKind.REMINDER, "2 of 4")


def test_the_next_moment_is_known_at_which_something_is_due(run: Run):
    assert next_due(run.table, MANNER) == float("inf")
    run.look(2.0, missing())
    assert next_due(run.table, MANNER) == 32.0
    run.look(32.0, missing())
    run.look(40.0)
    assert next_due(run.table, MANNER) == 50.0


def test_a_time_without_sight_does_not_count(run: Run):
    run.look(0.0, missing())
    run.table = excused(run.table, 100.0)
    run.look(101.0, missing())
    assert run.told == []
    run.look(130.0, missing())
    assert len(run.told) == 1


FOUND = st.lists(
    st.sampled_from([missing("a", 0.0), missing("b", 7.0), looping("b"), down("a", "b"), down()]),
    max_size=4,
    unique_by=lambda one: (one.key, one.ailment),
)
LOOKS = st.lists(
    st.tuples(FOUND, st.sampled_from([NOBODY, frozenset({"a"}), frozenset({"a", "b"})]), st.booleans()),
    max_size=40,
)


@given(LOOKS, st.sampled_from([0.0, 4.0]))
def test_no_alert_is_told_twice_or_ends_twice_whenever_the_watcher_is_restarted(looks, calm):
    """Every beginning has at most one end, and there is no end without a beginning."""
    manner = Manner(calm, 0.0)
    table: Table = {}
    standing: Counter[str] = Counter()
    for number, (found, silenced, restarted) in enumerate(looks):
        at = number * 3.0
        turn = advance(table, found, at, silenced, manner)
        for news in turn.news:
            standing[news.alert.key] += {
                NewsKind.BEGAN: 1,
                NewsKind.OVER: -1,
                NewsKind.REMINDER: 0,
                NewsKind.WORSE: 0,
            }[news.kind]
            assert standing[news.alert.key] in (0, 1)
        table = turn.table
        assert {key for key, alert in table.items() if alert.open} == {
            key for key, many in standing.items() if many
        }
        if restarted:
            table = reborn(table, at, manner)


@given(LOOKS)
def test_when_all_is_well_for_long_nothing_is_left(looks):
    table: Table = {}
    at = 0.0
    for found, silenced, _ in looks:
        at += 3.0
        table = advance(table, found, at, silenced, MANNER).table
    for _ in range(5):
        at += 5.0
        table = advance(table, [], at, NOBODY, MANNER).table
    assert table == {}


@given(LOOKS)
def test_what_is_silenced_never_begins(looks):
    table: Table = {}
    for number, (found, silenced, _) in enumerate(looks):
        turn = advance(table, found, number * 3.0, silenced, MANNER)
        table = turn.table
        began = [news.alert for news in turn.news if news.kind == NewsKind.BEGAN]
        assert not [
            alert for alert in began if alert.key.startswith("service/") and alert.lead.subject in silenced
        ]


def reborn(table: Table, at: float, manner: Manner) -> Table:
    """The alerts as the next life of the watcher reads them, whose clock begins elsewhere."""
    data = keeping.written(Page(table), Moment(at, START + timedelta(seconds=at)))
    back = keeping.read(data, Moment(at, START + timedelta(seconds=at)), manner).alerts
    assert set(back) == {key for key, alert in table.items() if alert.open}
    return back


def test_what_is_kept_is_what_is_read_again():
    run = Run({}, [])
    told = replace(missing(patience=0.0), facts=(("why", "no room"),), next="look", reminds=False)
    run.look(7.0, told, down("a", "b"))
    run.look(17.0, told, down("a", "b"))
    wall = START + timedelta(hours=3)
    data = keeping.written(Page(run.table), Moment(17.0, wall))
    back = keeping.read(data, Moment(1000.0, wall + timedelta(seconds=5)), MANNER).alerts
    alert = back["service/s1"]
    assert (alert.lead.sentence, alert.lead.facts, alert.lead.next) == (told.sentence, told.facts, "look")
    assert alert.began == pytest.approx(1000.0 - 15.0)
    assert back["node/n1"].touches == frozenset({"a", "b"})


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{}",
        b'{"alerts": 3, "owed": 3}',
        b'{"alerts": [{}, 3, {"ailment": "replicas"}]}',
        b'{"owed": [{}, 3, {"channels": ["Chat"], "message": {"event": "alert"}}]}',
    ],
)
def test_what_makes_no_sense_is_left_out(data: bytes):
    for page in (b"", data, zlib.compress(data), zlib.compress(data)[:-3]):
        assert keeping.read(page, Moment(0.0, START), MANNER) == Page()


def test_messages_that_nobody_has_taken_are_kept_with_who_is_to_get_them():
    message = Message(
        "alert", Level.WARNING, "web", "2026-01-05T09:00:00Z", (("why", "x"),), ("bye",), "look", {"a": [1]}
    )
    owed = (Owed(message, ("Chat", "Mail")),)
    data = keeping.written(Page({}, owed), Moment(0.0, START))
    assert keeping.read(data, Moment(0.0, START), MANNER).owed == owed


def test_a_thousand_alerts_fit_into_what_the_oldest_engine_keeps():
    many = [replace(missing(f"s{n}", 0.0), facts=(("why", "x" * 400),)) for n in range(1000)]
    turn = advance({}, many, 0.0, NOBODY, MANNER)
    data = keeping.written(Page(turn.table), Moment(0.0, START))
    assert len(data) < 500 * 1024
    assert len(keeping.read(data, Moment(0.0, START), MANNER).alerts) == 1000


def test_five_thousand_alerts_with_odd_texts_fit_too():
    rare = random.Random(3)
    many = [
        replace(missing(f"{rare.randbytes(12).hex()}", 0.0), facts=(("why", rare.randbytes(100).hex()),))
        for _ in range(5000)
    ]
    turn = advance({}, many, 0.0, NOBODY, MANNER)
    data = keeping.written(Page(turn.table), Moment(0.0, START))
    assert len(data) < 500 * 1024
    assert len(keeping.read(data, Moment(0.0, START), MANNER).alerts) == 5000


def test_a_moment_without_any_replica_is_not_yet_worse(run: Run):
    run.look(0.0, looping_little())
    dead = replace(missing(patience=60.0), level=Level.FAILURE)
    for at in range(5, 60, 5):
        run.look(float(at), replace(looping_little(), level=Level.FAILURE), dead)
    assert [kind for _, kind, _ in run.told] == ["alert"]
    run.look(65.0, replace(looping_little(), level=Level.FAILURE), dead)
    assert [(at, kind) for at, kind, _ in run.told] == [(0.0, "alert"), (65.0, "alert_worse")]
