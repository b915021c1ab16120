"""The lock seen from the outside: queueing for it, looking at it, taking it away."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sim.together import Together

from rollout import deploy
from rollout.cli import wiring
from rollout.cli.run import run
from rollout.errors import ExitCode, Locked
from rollout.events import Note
from rollout.model import CauseKind, OutcomeKind
from rollout.state.held import locks
from rollout.state.holder import Holder, myself
from rollout.state.lock import Locksmith

ANN = Holder("ann@desk", "https://ci.example/7")


@pytest.fixture
def connected(stage, monkeypatch: pytest.MonkeyPatch):
    """The stage, with the command line connected to it."""
    monkeypatch.setattr(wiring, "open_stores", lambda _host: (stage.swarm, stage.swarm.store))
    return stage


def smith(stage) -> Locksmith:
    return Locksmith(stage.swarm.store, stage.swarm.clock, lambda _sentence: None)


def take(stage):
    return smith(stage).acquire(stage.now.id, "site", ANN)


def together(stage, count: int, wait: float) -> list[object]:
    """What becomes of so many deployments that are started at once."""
    turns, ends = Together(stage.swarm.clock), []
    world = replace(stage.world, clock=turns)

    def one(number: int) -> None:
        try:
            request = replace(stage.request(f"app:{number}"), wait=wait)
            ends.append(deploy.deploy(request, world, Holder(f"user{number}"), lambda: None))
        except Locked as locked:
            ends.append(locked)

    for number in range(count):
        stage.swarm.images[f"app:{number}"] = stage.swarm.images["app:1"]
    turns.run(*(lambda number=number: one(number) for number in range(count)))
    return ends


def test_of_ten_deployments_at_once_one_runs_and_nine_are_told_who_it_is(stage):
    stage.serve()
    ends = together(stage, 10, wait=0)
    refused = [end for end in ends if isinstance(end, Locked)]
    (ran,) = [end for end in ends if not isinstance(end, Locked)]
    assert ran.kind in {OutcomeKind.DEPLOYED, OutcomeKind.UNCHANGED}
    assert len(refused) == 9
    assert all("site is being deployed by user" in locked.message for locked in refused)


def test_ten_deployments_that_queue_all_run_one_after_the_other(stage):
    service = stage.serve()
    load = stage.swarm.load(service, rate=60)
    ends = together(stage, 10, wait=3600)
    assert {end.kind for end in ends} <= {OutcomeKind.DEPLOYED, OutcomeKind.UNCHANGED}
    assert len(ends) == 10
    assert load.failed == 0
    notes = [note.sentence for note in stage.log.of(Note)]
    assert any("the lock is held by user" in sentence and "left" in sentence for sentence in notes)
    assert not any("taking over" in sentence for sentence in notes)


def test_the_time_in_the_queue_does_not_count_for_the_deadline(stage):
    stage.serve()
    held = take(stage)
    _beat_until(stage, held, 300.0)
    outcome = deploy.deploy(
        replace(stage.request(deadline=120.0), wait=600.0), stage.world, Holder("bob@desk"), lambda: None
    )
    assert outcome.kind == OutcomeKind.DEPLOYED
    assert outcome.seconds < 120


def test_when_the_time_to_queue_is_up_the_refusal_names_holder_pipeline_and_the_way_out(stage):
    stage.serve()
    held = take(stage)
    _beat_until(stage, held, 300.0)
    begun, taken = stage.swarm.clock.now(), stage.swarm.clock.wall().isoformat(timespec="seconds")
    with pytest.raises(Locked) as refused:
        smith(stage).acquire(stage.now.id, "site", Holder("bob@desk"), wait=60.0)
    assert stage.swarm.clock.now() - begun == pytest.approx(60.0, abs=2.0)
    assert f"ann@desk (https://ci.example/7) since {taken}" in refused.value.message
    assert "rollout lock release site" in refused.value.hint


def _beat_until(stage, lease, end: float) -> None:
    """A holder who is at work until then."""

    def beat() -> None:
        if stage.swarm.clock.now() >= end:
            lease.release()
            return
        lease.prove()
        stage.swarm.clock.call_later(5.0, beat)

    stage.swarm.clock.call_later(5.0, beat)


def test_it_is_shown_who_holds_the_lock(connected, capsys):
    connected.serve()
    take(connected)
    connected.swarm.clock.sleep(3)
    assert run(["lock", "show"]) == ExitCode.OK
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("site", "ann@desk", "https://ci.example/7", "3s ago", "held"))
    assert run(["lock", "show", "site", "-o", "json"]) == ExitCode.OK
    (lock,) = json.loads(capsys.readouterr().out)["locks"]
    assert (lock["service"], lock["holder"], lock["state"]) == ("site", "ann@desk", "held")


def test_where_nobody_deploys_that_is_said(connected, capsys):
    connected.serve()
    assert run(["lock", "show"]) == ExitCode.OK
    assert "nobody is deploying" in capsys.readouterr().out
    assert run(["lock", "release", "site", "--yes"]) == ExitCode.REFUSED


def test_a_lock_is_released_and_it_is_said_whose_it_was(connected, capsys):
    connected.serve()
    take(connected)
    assert run(["lock", "release", "site", "--yes"]) == ExitCode.OK
    assert "released the lock of ann@desk (https://ci.example/7)" in capsys.readouterr().out
    assert locks(connected.swarm.store) == ()


def test_with_json_the_locks_that_were_released_are_one_object(connected, capsys):
    connected.serve()
    take(connected)
    assert run(["lock", "release", "site", "--yes", "-o", "json"]) == ExitCode.OK
    done = json.loads(capsys.readouterr().out)
    assert (done["event"], done["service"]) == ("lock_released", "site")
    assert [lock["holder"] for lock in done["locks"]] == ["ann@desk"]


def test_without_a_terminal_nothing_is_released_unasked(connected, capsys, monkeypatch):
    connected.serve()
    take(connected)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert run(["lock", "release", "site"]) == ExitCode.USAGE
    assert "--yes" in capsys.readouterr().err
    assert len(locks(connected.swarm.store)) == 1


def test_a_release_that_comes_too_late_leaves_the_successor_its_lock(stage):
    stage.serve()
    first = take(stage)
    (seen,) = locks(stage.swarm.store)
    first.release()
    take(stage)
    seen.release(stage.swarm.store)
    assert len(locks(stage.swarm.store)) == 1


def test_whoever_lost_the_lock_to_a_release_writes_no_more(connected):
    connected.serve()
    connected.swarm.faults.services.after(2, lambda: run(["lock", "release", "site", "--yes"]))
    outcome = connected.deploy()
    assert (outcome.kind, outcome.cause.kind) == (OutcomeKind.HELD, CauseKind.LOCK_LOST)
    assert connected.swarm.faults.services.count == 2


def test_resume_keeps_away_from_a_deployment_that_still_runs(stage):
    stage.serve()
    refused = []

    def try_it() -> None:
        with pytest.raises(Locked) as locked:
            stage.resume()
        refused.append(locked.value.exit_code)

    stage.swarm.faults.services.after(2, try_it)
    assert stage.deploy().kind == OutcomeKind.DEPLOYED
    assert refused == [ExitCode.LOCKED]


def test_neither_login_nor_token_of_a_pipelines_link_is_ever_told(connected, capsys):
    connected.serve()
    link = "https://ci:hunter2@ci.example/7?token=hunter3"
    holder = myself({"BUILD_URL": link})
    assert holder.pipeline == "https://ci.example/7"
    smith(connected).acquire(connected.now.id, "site", Holder("ann@desk", link))
    run(["lock", "show"])
    with pytest.raises(Locked) as refused:
        smith(connected).acquire(connected.now.id, "site", Holder("bob@desk"))
    said = capsys.readouterr().out + refused.value.message
    assert "https://ci.example/7" in said
    assert "hunter" not in said
