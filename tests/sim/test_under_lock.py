"""What happens under a lock before anything is written: it is kept, hears, and is given back."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import pytest

from rollout.aborting import abort
from rollout.background import Threads
from rollout.cli.interrupts import Interrupted
from rollout.clock import SystemClock
from rollout.errors import ExitCode, Locked, exit_code_of
from rollout.events import Note
from rollout.halting import halt
from rollout.model import CauseKind, HttpProbe, OutcomeKind
from rollout.sim import kill
from rollout.sim.faults import Killed
from rollout.state.halt import Halts
from rollout.state.held import locks
from rollout.state.holder import Holder
from rollout.state.lock import Locksmith
from rollout.underlock import kept, locked

QUICK = {"prepull": False, "bake": 0.0, "min_ready": 0.0}
ANN, BOB = Holder("ann@desk"), Holder("bob@desk")


@pytest.fixture
def half_way(stage):
    """A deployment that was killed in its middle."""
    stage.serve(4)
    stage.swarm.faults.services.after(2, kill)
    with pytest.raises(Killed):
        stage.deploy(**QUICK)
    stage.swarm.clock.sleep(60)
    return stage


def warnings(stage) -> list[str]:
    return [note.sentence for note in stage.log.of(Note) if note.warning]


def rob(stage) -> None:
    for lock in locks(stage.swarm.store):
        lock.release(stage.swarm.store)


def keep(stage):
    """Somebody at work who does not listen."""
    lease = Locksmith(stage.swarm.store, stage.swarm.clock, lambda _said: None).acquire(
        stage.now.id, "site", ANN
    )

    def beat() -> None:
        lease.prove()
        stage.swarm.clock.call_later(5.0, beat)

    beat()


@pytest.mark.parametrize("ask", ["abort", "hold"])
def test_a_request_to_hold_that_was_in_vain_does_not_stop_the_holder_later(stage, ask):
    stage.serve(4)
    keep(stage)
    asks = {
        "abort": stage.abort,
        "hold": partial(halt, stage.now, stage.swarm, stage.swarm.store, stage.swarm.clock, BOB),
    }
    with pytest.raises(Locked):
        asks[ask]()
    assert stage.swarm.store.find({"rollout.kind": "halt"}) == ()


def test_an_abort_whose_lock_is_taken_away_while_it_prepares_says_so_and_has_touched_nothing(half_way):
    version = half_way.now.version
    login = half_way.swarm.registry.login

    def slow(image):
        half_way.swarm.clock.sleep(6)
        rob(half_way)
        return login(image)

    half_way.swarm.registry.login = slow
    outcome = half_way.abort()
    assert (outcome.kind, exit_code_of(outcome)) == (OutcomeKind.REFUSED, ExitCode.REFUSED)
    assert outcome.cause.kind == CauseKind.LOCK_LOST
    assert "`rollout lock show site`" in outcome.hint
    assert half_way.now.version == version


def test_a_hold_that_is_asked_for_right_after_the_lock_was_taken_is_heard(stage):
    stage.serve(4)
    asked = partial(Halts(stage.swarm.store, stage.now.id).ask, "bob@desk")
    stage.swarm.faults.entries.after(1, asked)
    outcome = stage.deploy(**QUICK)
    assert outcome.cause.kind == CauseKind.HALTED
    assert "bob@desk asked it to hold" in outcome.cause.sentence


def test_what_is_said_to_the_successor_is_not_heard_by_one_who_wakes_up(stage):
    stage.serve(4)
    old = Locksmith(stage.swarm.store, stage.swarm.clock, lambda _said: None).acquire(
        stage.now.id, "site", ANN
    )
    rob(stage)
    keep(stage)
    Halts(stage.swarm.store, stage.now.id).ask("carol@desk")
    assert Halts(stage.swarm.store, stage.now.id, old.entry.id).take() == ""
    assert Halts(stage.swarm.store, stage.now.id).take() == "carol@desk"


class Slow:
    """The port Background for something that takes its time on the virtual clock."""

    def __init__(self, clock, seconds: float) -> None:
        self.clock, self.until = clock, clock.now() + seconds
        self.act = None

    def begin(self, act):
        self.act = act
        return self

    def result(self):
        return self.act() if self.clock.now() >= self.until else None


def test_the_lock_is_kept_alive_while_a_plan_is_made(stage):
    stage.serve(4)
    world = replace(stage.world, background=Slow(stage.swarm.clock, 120.0))
    request = stage.request()
    with locked(request, world, ANN, 0.0) as lease:
        assert kept(lease, request, world, lambda: "made") == "made"
        assert stage.swarm.clock.now() - lease.beaten < 6.0
        assert int(lease.entry.labels["rollout.beat"]) >= 20


def test_where_the_lock_is_lost_while_a_plan_is_made_it_is_exit_4_and_nothing_was_changed(stage):
    stage.serve(4)
    world = replace(stage.world, background=Slow(stage.swarm.clock, 120.0))
    request = stage.request()
    stage.swarm.clock.call_later(30.0, lambda: rob(stage))
    with pytest.raises(Locked, match="nothing has been changed") as lost:  # noqa: SIM117 - the order matters
        with locked(request, world, ANN, 0.0) as lease:
            kept(lease, request, world, lambda: "made")
    assert lost.value.exit_code == ExitCode.LOCKED


def test_what_goes_wrong_beside_is_raised_as_if_it_were_done_here(stage):
    stage.serve(4)
    world, request = replace(stage.world, background=Threads(), clock=SystemClock()), stage.request()

    def broken() -> None:
        raise Locked("as it is")

    with locked(request, world, ANN, 0.0) as lease, pytest.raises(Locked, match="as it is"):
        kept(lease, request, world, broken)


def test_who_leaves_at_once_does_not_wait_for_an_engine_that_hangs(stage):
    """A second Ctrl-C: giving the lock back would take as long as the engine does."""
    stage.serve(4)
    world, request = replace(stage.world, background=Threads(), clock=SystemClock()), stage.request()
    hangs, begun = threading.Event(), SystemClock().now()
    remove = stage.swarm.store.remove
    stage.swarm.store.remove = lambda _entry: hangs.wait(60)
    with pytest.raises(Interrupted), locked(request, world, ANN, 0.0):
        raise Interrupted(2, "stopped at once")
    assert SystemClock().now() - begun < 5
    stage.swarm.store.remove = remove
    hangs.set()


def test_who_leaves_at_once_gives_the_lock_back_where_the_engine_answers(stage):
    stage.serve(4)
    with pytest.raises(Interrupted), locked(stage.request(), stage.world, ANN, 0.0):
        raise Interrupted(2, "stopped at once")
    assert locks(stage.swarm.store) == ()


def test_resume_says_which_gates_of_the_interrupted_deployment_it_goes_on_without(half_way):
    assert half_way.resume(**QUICK, probes=()).kind == OutcomeKind.DEPLOYED
    (said,) = warnings(half_way)
    assert "without the gates that it had: http http://site/" in said


def test_abort_says_by_which_of_them_the_way_back_is_not_verified(half_way):
    assert half_way.abort(**QUICK, probes=()).kind == OutcomeKind.ABORTED
    (said,) = warnings(half_way)
    assert "not verified by the gates that it had: http http://site/" in said


@pytest.mark.parametrize("way", ["resume", "abort"])
def test_with_the_same_gates_nothing_is_missing(half_way, way):
    getattr(half_way, way)(**QUICK)
    assert warnings(half_way) == []


def test_with_other_gates_the_missing_ones_are_named_alone(half_way):
    half_way.swarm.prober.routes["other"] = "site"
    probes = (HttpProbe("http://site/"), HttpProbe("http://other/"))
    abort(half_way.request(None, **QUICK, probes=probes), half_way.world, BOB, lambda: None)
    assert warnings(half_way) == []
