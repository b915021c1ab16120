"""Design, section 5: the Swarm's configs as a store."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contract.world import World

from rollout.clock import SystemClock
from rollout.errors import AlreadyExists, Conflict, NotFound
from rollout.state.alertbook import AlertBook, Superseded
from rollout.state.holder import Holder
from rollout.state.tenure import BEAT, Tenure


def test_of_two_who_create_the_same_name_one_wins(world: World) -> None:
    name = world.unique("lock")
    made = world.store.create(name, b"mine", {"holder": "a"})
    with pytest.raises(AlreadyExists):
        world.store.create(name, b"yours", {"holder": "b"})
    (found,) = world.store.find({"holder": "a"})
    assert (found.id, found.name, found.data, found.labels) == (made.id, name, b"mine", {"holder": "a"})
    world.store.remove(made)


def test_entries_are_found_by_all_of_their_labels_oldest_first(world: World) -> None:
    run = world.unique("run")
    labels = [{"run": run, "n": str(number)} for number in range(3)]
    made = [world.store.create(world.unique("record"), bytes([n, 0, 255]), labels[n]) for n in range(3)]
    assert [entry.id for entry in world.store.find({"run": run})] == [entry.id for entry in made]
    assert [entry.data for entry in world.store.find({"run": run, "n": "2"})] == [bytes([2, 0, 255])]
    assert world.store.find({"run": run, "n": "4"}) == ()
    for entry in made:
        world.store.remove(entry)


def test_labels_change_only_for_who_has_read_them_last(world: World) -> None:
    first = world.store.create(world.unique("lock"), b"data", {"beat": "1"})
    second = world.store.relabel(first, {"beat": "2"})
    assert second.version > first.version
    assert second.updated >= first.updated
    assert (second.id, second.data, second.labels) == (first.id, b"data", {"beat": "2"})
    with pytest.raises(Conflict):
        world.store.relabel(first, {"beat": "3"})
    third = world.store.relabel(second, {"beat": "3", "more": "x"})
    assert third.labels == {"beat": "3", "more": "x"}
    world.store.remove(third)


def test_removing_an_entry_does_not_hit_its_successor(world: World) -> None:
    name = world.unique("lock")
    old = world.store.create(name, b"old", {})
    world.store.remove(old)
    new = world.store.create(name, b"new", {"of": name})
    world.store.remove(old)
    assert [entry.id for entry in world.store.find({"of": name})] == [new.id]
    with pytest.raises(NotFound):
        world.store.relabel(old, {"of": "me"})
    world.store.remove(new)


def test_times_are_the_engines(world: World) -> None:
    before = world.swarm.now()
    made = world.store.create(world.unique("lock"), b"data", {})
    world.sleep(0.2)
    written = world.store.relabel(made, {"beat": "1"})
    slack = timedelta(seconds=1)
    assert before - slack <= made.updated <= written.updated <= world.swarm.now() + slack
    assert written.updated - made.updated >= timedelta(seconds=0.15)
    world.store.remove(written)


def test_an_entry_that_nobody_writes_keeps_its_version_and_what_comes_later_has_a_later_stamp(
    world: World,
) -> None:
    """By this it is seen whether the holder of a lock gives signs of life, and for how long it has not."""
    name = world.unique("lock")
    made = world.store.create(name, b"data", {"of": name})
    world.sleep(1.0)
    (found,) = world.store.find({"of": name})
    assert (found.version, found.updated) == (made.version, made.updated)
    probe = world.store.create(world.unique("clock"), b"now", {})
    assert timedelta(seconds=0.9) <= probe.updated - made.updated <= timedelta(seconds=3)
    for entry in (made, probe):
        world.store.remove(entry)


def test_the_watchers_post_is_held_by_one_and_falls_to_the_next_when_it_is_left(world: World) -> None:
    clock = SystemClock()
    first, second = (Tenure(world.store, clock, Holder(who)) for who in ("ann", "bob"))
    try:
        assert first.hold()
        assert not second.hold()
        assert second.holder_name() == "ann"
        first.beaten -= BEAT
        assert first.hold()
        first.leave()
        assert second.hold()
        assert not first.hold()
    finally:
        first.leave()
        second.leave()


def test_of_two_who_write_the_same_page_of_alerts_one_is_told_so(world: World) -> None:
    for page in world.store.find({"rollout.kind": "alerts"}):
        world.store.remove(page)
    first, second = AlertBook(world.store), AlertBook(world.store)
    try:
        assert (first.read(), second.read()) == (b"", b"")
        first.write(b"one")
        with pytest.raises(Superseded):
            second.write(b"two")
        assert second.read() == b"one"
        second.write(b"two")
        assert first.read() == b"two"
    finally:
        for page in world.store.find({"rollout.kind": "alerts"}):
            world.store.remove(page)
