"""What the watcher keeps in the Swarm, with replies that get lost: its post, and the open alerts."""

from __future__ import annotations

import pytest

from rollout.errors import EngineUnavailable, OutcomeUnknown
from rollout.sim import SimSwarm
from rollout.state.alertbook import TRIES, AlertBook, Superseded
from rollout.state.holder import Holder
from rollout.state.tenure import BEAT, TTL, Tenure


@pytest.fixture
def swarm() -> SimSwarm:
    return SimSwarm(nodes=1, seed=1)


def tenure(swarm: SimSwarm, who: str = "ann") -> Tenure:
    return Tenure(swarm.store, swarm.clock, Holder(who))


class TestThePost:
    def test_it_is_held_for_as_long_as_it_is_renewed(self, swarm: SimSwarm):
        ann, bob = tenure(swarm), tenure(swarm, "bob")
        for _ in range(100):
            assert ann.hold()
            assert not bob.hold()
            swarm.clock.sleep(BEAT)

    def test_it_falls_to_another_when_its_holder_has_been_silent(self, swarm: SimSwarm):
        ann, bob = tenure(swarm), tenure(swarm, "bob")
        assert ann.hold()
        assert not bob.hold()
        swarm.clock.sleep(TTL)
        assert not bob.hold()
        swarm.clock.sleep(1.0)
        assert bob.hold()
        assert not ann.hold(), "who wakes up again finds it taken"

    def test_each_scope_has_its_own(self, swarm: SimSwarm):
        everything = tenure(swarm)
        some = Tenure(swarm.store, swarm.clock, Holder("bob"), "abc")
        assert everything.hold()
        assert some.hold()
        assert (everything.holder_name(), some.holder_name()) == ("ann", "bob")

    def test_it_is_ours_though_the_reply_was_lost(self, swarm: SimSwarm):
        ann = tenure(swarm)
        swarm.faults.entries.lose_reply(1)
        assert ann.hold()
        swarm.faults.entries.lose_reply(2)
        swarm.clock.sleep(BEAT)
        assert ann.hold()
        assert not tenure(swarm, "bob").hold()

    def test_it_is_not_ours_if_the_request_was_lost_and_then_it_is_tried_again(self, swarm: SimSwarm):
        ann = tenure(swarm)
        swarm.faults.entries.lose_request(1)
        assert not ann.hold()
        assert ann.hold()

    def test_it_is_taken_again_where_somebody_has_removed_it(self, swarm: SimSwarm):
        ann = tenure(swarm)
        assert ann.hold()
        swarm.store.remove(swarm.store.find({"rollout.kind": "watcher"})[0])
        swarm.clock.sleep(BEAT)
        assert ann.hold()

    def test_between_two_beats_nobody_is_asked(self, swarm: SimSwarm):
        ann = tenure(swarm)
        assert ann.hold()
        swarm.faults.go_away(5.0)
        assert ann.hold()
        swarm.clock.sleep(BEAT)
        swarm.faults.go_away(5.0)
        with pytest.raises(EngineUnavailable):
            ann.hold()


class TestTheBook:
    def test_the_last_page_counts_and_is_the_only_one(self, swarm: SimSwarm):
        book = AlertBook(swarm.store)
        for data in (b"one", b"two", b"three"):
            book.write(data)
        assert AlertBook(swarm.store).read() == b"three"
        assert len(swarm.store.find({"rollout.kind": "alerts"})) == 1

    def test_a_page_whose_reply_was_lost_is_ours(self, swarm: SimSwarm):
        book = AlertBook(swarm.store)
        swarm.faults.entries.lose_reply(1)
        book.write(b"one")
        book.write(b"two")
        assert AlertBook(swarm.store).read() == b"two"

    def test_a_page_whose_request_was_lost_is_written_again(self, swarm: SimSwarm):
        book = AlertBook(swarm.store)
        swarm.faults.entries.lose_request(1)
        book.write(b"one")
        assert AlertBook(swarm.store).read() == b"one"

    def test_a_connection_that_breaks_each_time_is_said(self, swarm: SimSwarm):
        for number in range(1, TRIES + 1):
            swarm.faults.entries.lose_request(number)
        with pytest.raises(OutcomeUnknown):
            AlertBook(swarm.store).write(b"one")

    def test_of_two_who_have_found_the_same_one_is_overtaken(self, swarm: SimSwarm):
        first, second = AlertBook(swarm.store), AlertBook(swarm.store)
        first.write(b"one")
        with pytest.raises(Superseded):
            second.write(b"one")

    def test_each_scope_has_its_own(self, swarm: SimSwarm):
        everything, some = AlertBook(swarm.store), AlertBook(swarm.store, "abc")
        everything.write(b"one")
        some.write(b"two")
        assert (AlertBook(swarm.store).read(), AlertBook(swarm.store, "abc").read()) == (b"one", b"two")

    def test_who_was_overtaken_is_told_so_and_goes_on_from_there(self, swarm: SimSwarm):
        first, second = AlertBook(swarm.store), AlertBook(swarm.store)
        first.write(b"one")
        with pytest.raises(Superseded):
            second.write(b"other")
        assert second.read() == b"one"
        second.write(b"other")
        assert first.read() == b"other"

    def test_a_page_that_cannot_be_removed_is_removed_later(self, swarm: SimSwarm):
        book = AlertBook(swarm.store)
        book.write(b"one")
        swarm.faults.entries.lose_request(3)
        book.write(b"two")
        assert len(swarm.store.find({"rollout.kind": "alerts"})) == 2
        assert AlertBook(swarm.store).read() == b"two"
        book.write(b"three")
        assert len(swarm.store.find({"rollout.kind": "alerts"})) == 1
