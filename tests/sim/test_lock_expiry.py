"""When a lock falls: its holder may be gone, frozen, slow, or beside a manager whose clock goes wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rollout.errors import Locked, OutcomeUnknown
from rollout.model import OutcomeKind
from rollout.state.held import locks
from rollout.state.holder import Holder
from rollout.state.lease import LockLost
from rollout.state.lock import Locksmith

ANN, BOB = Holder("ann@desk"), Holder("bob@desk")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def acquire(stage, said):
    """Take the lock of the only service."""
    stage.serve(1)
    smith = Locksmith(stage.swarm.store, stage.swarm.clock, said.append)
    return lambda holder, wait=0.0: smith.acquire(stage.now.id, "site", holder, wait)


def keep(stage, lease) -> None:
    """A holder who is at work."""

    def beat() -> None:
        lease.prove()
        stage.swarm.clock.call_later(5.0, beat)

    stage.swarm.clock.call_later(5.0, beat)


@pytest.mark.parametrize("skew", [40.0, -400.0])
def test_a_live_lock_is_not_taken_by_the_clock_of_another_manager(stage, acquire, skew):
    """What is stamped is stamped by the leader; the manager that is asked tells its own time."""
    keep(stage, acquire(ANN))
    leaders = stage.swarm.now
    stage.swarm.now = lambda: leaders() + timedelta(seconds=skew)
    with pytest.raises(Locked):
        acquire(BOB)


@pytest.mark.parametrize("skew", [40.0, -400.0])
def test_a_live_lock_is_not_taken_because_the_clock_of_a_new_leader_goes_wrong(stage, acquire, skew):
    keep(stage, acquire(ANN))
    stage.swarm.engine_clock.skew = skew
    with pytest.raises(Locked):
        acquire(BOB)
    assert [lock.who for lock in locks(stage.swarm.store)] == ["ann@desk"]


@pytest.mark.parametrize("skew", [0.0, 40.0, -400.0])
def test_the_lock_of_one_who_is_gone_falls_whatever_the_clocks_say(stage, acquire, skew):
    acquire(ANN)
    stage.swarm.clock.sleep(1.0)
    stage.swarm.engine_clock.skew = skew
    begun = stage.swarm.clock.now()
    acquire(BOB, wait=60.0)
    assert stage.swarm.clock.now() - begun <= 33
    assert [lock.who for lock in locks(stage.swarm.store)] == ["bob@desk"]


def test_it_falls_half_a_minute_after_the_last_sign_of_life(stage, acquire, said):
    acquire(ANN)
    last = stage.swarm.clock.now()
    stage.swarm.clock.sleep(15.0)
    acquire(BOB)
    assert stage.swarm.clock.now() - last == pytest.approx(30.0, abs=1.5)
    assert any("has gone silent: waiting for a sign of life, for 15s more" in sentence for sentence in said)
    assert any("taking over the lock of ann@desk" in sentence for sentence in said)


def test_one_that_has_been_silent_for_long_is_watched_for_a_moment_only(stage, acquire):
    acquire(ANN)
    stage.swarm.clock.sleep(3600.0)
    begun = stage.swarm.clock.now()
    acquire(BOB)
    assert stage.swarm.clock.now() - begun == pytest.approx(10.0, abs=1.5)


def test_a_holder_that_renews_in_the_very_moment_of_taking_over_keeps_the_lock(stage, acquire, said):
    ann = acquire(ANN)
    stage.swarm.clock.sleep(3600.0)
    relabel = stage.swarm.store.relabel

    def just_before(entry, labels):
        stage.swarm.store.relabel = relabel
        ann.prove()
        return relabel(entry, labels)

    stage.swarm.store.relabel = just_before
    with pytest.raises(Locked):
        acquire(BOB)
    ann.prove()
    assert not any("taking over" in sentence for sentence in said)


def test_whoever_dies_in_taking_over_leaves_a_lock_that_its_holder_has_lost_and_anybody_may_take(
    stage, acquire
):
    ann = acquire(ANN)
    stage.swarm.clock.sleep(3600.0)
    remove = stage.swarm.store.remove

    def dies_at_the_lock(entry):
        if entry.name.startswith("rollout.lock"):
            raise RuntimeError("the process that takes over dies")
        remove(entry)

    stage.swarm.store.remove = dies_at_the_lock
    with pytest.raises(RuntimeError):
        acquire(BOB)
    stage.swarm.store.remove = remove
    with pytest.raises(LockLost):
        ann.prove()
    begun = stage.swarm.clock.now()
    acquire(Holder("carol@desk"))
    assert stage.swarm.clock.now() == begun


def test_no_trace_is_left_of_asking_what_time_it_is(stage, acquire):
    acquire(ANN)
    with pytest.raises(Locked):
        acquire(BOB)
    assert [entry.name for entry in stage.swarm.store.find({})] == [f"rollout.lock.{stage.now.id}"]


def test_where_the_time_cannot_be_asked_for_the_lock_is_watched_for_as_long_as_it_lasts(stage, acquire):
    acquire(ANN)
    stage.swarm.clock.sleep(3600.0)
    create = stage.swarm.store.create

    def none_for_clocks(name, data, labels):
        if labels["rollout.kind"] == "clock":
            raise OutcomeUnknown("the connection broke")
        return create(name, data, labels)

    stage.swarm.store.create = none_for_clocks
    begun = stage.swarm.clock.now()
    acquire(BOB)
    assert stage.swarm.clock.now() - begun == pytest.approx(30.0, abs=1.5)


@pytest.mark.parametrize("lost", ["lose_request", "lose_reply"])
def test_a_deployment_gives_its_lock_back_even_if_the_connection_breaks_then(stage, lost):
    stage.serve()
    stage.deploy(prepull=False)
    last = stage.swarm.faults.entries.count
    again = type(stage)()
    again.serve()
    getattr(again.swarm.faults.entries, lost)(last)
    assert again.deploy(prepull=False).kind == OutcomeKind.DEPLOYED
    assert locks(again.swarm.store) == ()


def test_a_renewal_that_took_longer_than_a_lock_lasts_is_none(stage, acquire):
    """Its reply comes when somebody else may have the lock: it is asked for once more."""
    ann = acquire(ANN)
    taken = []

    def frozen() -> None:
        stage.swarm.clock.sleep(35.0)
        taken.append(acquire(BOB))

    stage.swarm.faults.entries.after(stage.swarm.faults.entries.count + 1, frozen)
    with pytest.raises(LockLost):
        ann.prove()
    assert len(taken) == 1
