"""Looks that leave out what cannot have changed see what a full listing would."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rollout import lookout
from rollout.events import Observed, StepStarted
from rollout.model import Batch, Hold, Order, OutcomeKind, Slot
from rollout.ports import World
from rollout.sim import Behaviour
from rollout.state.halt import Halts
from tests.sim.conftest import Stage

READS = ("tasks", "released_tasks", "ended_tasks", "tasks_by_id")


class Witness:
    """A sink that holds each observation against the whole truth of that moment.

    A task that has died and is wanted still has not been noticed by Swarm itself: the next look has it.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.looks = 0

    def emit(self, event) -> None:
        if isinstance(event, Observed):
            self.looks += 1
            truth = self.stage.swarm.tasks(self.stage.now.id)
            told = {task.id: task for slot in event.slots for task in slot.tasks}
            target = [task for task in truth if task.up_to_date]
            assert {task.id for task in target if task.wanted} == _wanted_of_the_target(event.slots)
            assert all(told[task.id] == task for task in target if task.wanted != task.died)


def _wanted_of_the_target(slots: tuple[Slot, ...]) -> set[str]:
    return {task.id for slot in slots for task in slot.wanted if task.up_to_date}


class Witnessed(Stage):
    """A stage whose deployments are watched by a witness, and look little."""

    def __init__(self) -> None:
        super().__init__()
        self.witness = Witness(self)

    @property
    def world(self) -> World:
        return replace(super().world, sink=self.witness)


@pytest.fixture(autouse=True)
def every_service_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookout, "LARGE", 1)
    monkeypatch.setattr(lookout, "EVERYTHING_EVERY", 1e9)


TROUBLES = some.sampled_from(["crash old", "crash new", "lose node", "elect"])


@settings(max_examples=150, deadline=None)
@given(
    troubles=some.lists(some.tuples(TROUBLES, some.floats(0.0, 40.0)), max_size=4),
    batch=some.integers(1, 3),
    order=some.sampled_from(Order),
    sick=some.sampled_from([None, 3.0, 12.0]),
)
def test_every_task_of_the_target_is_seen_as_it_is_whoever_started_it(troubles, batch, order, sick):
    stage = Witnessed()
    stage.serve(5)
    stage.swarm.images["app:2"] = Behaviour(sick_after=sick)
    for kind, at in troubles:
        stage.swarm.clock.call_later(at, lambda kind=kind: _befall(stage, kind))
    stage.deploy(batch=Batch(batch), order=order, probes=())
    assert stage.witness.looks > 0


def _befall(stage: Stage, kind: str) -> None:
    tasks = [task for task in stage.swarm.tasks(stage.now.id) if task.running]
    victims = [task for task in tasks if task.up_to_date == (kind == "crash new")]
    if kind in {"crash old", "crash new"} and victims:
        stage.swarm.crash(victims[0].id)
    if kind == "lose node":
        stage.swarm.machines.lose("node-3")
    if kind == "elect":
        stage.swarm.elect_leader()


def full_and_partial(stage, replicas: int, batch: int) -> tuple[int, int, int]:
    """Full listings, and tasks read otherwise, in a deployment of so many steps."""
    full, partial = 0, 0
    for name in READS:
        read = getattr(stage.swarm, name)

        def reads(*given, name=name, read=read):
            nonlocal full, partial
            found = read(*given)
            full, partial = full + (name == "tasks"), partial + len(found) * (name != "tasks")
            return found

        setattr(stage.swarm, name, reads)
    outcome = stage.deploy(batch=Batch(batch), min_ready=1.0, probes=(), prepull=False)
    assert outcome.kind == OutcomeKind.DEPLOYED
    return full, partial, len(stage.log.of(StepStarted))


BEFORE = 2
"""Full listings before the first step: to plan, and to forgive what has died already."""


@pytest.mark.parametrize("replicas", [60, 300])
def test_there_is_one_full_listing_a_step_and_the_rest_does_not_grow_with_the_service(
    monkeypatch: pytest.MonkeyPatch, replicas: int
):
    stage = Stage()
    stage.serve(replicas)
    full, partial, steps = full_and_partial(stage, replicas, batch=15)
    assert full <= BEFORE + steps
    assert partial / steps < 15 * 3 * 60  # the batch, three tasks a slot, some sixty looks


def test_who_resumes_a_large_service_reads_no_more_of_it_than_who_began(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lookout, "LARGE", 200)
    stage = Stage()
    stage.serve(240)
    careful = {"strategy": "canary", "stages": (Batch(2, True),), "pause": Hold(20.0), "prepull": False}
    halts = Halts(stage.swarm.store, stage.now.id)
    stage.swarm.clock.call_later(15.0, lambda: halts.ask("bob@desk"))
    assert stage.deploy(**careful, batch=Batch(120)).kind == OutcomeKind.HELD
    stage.log.events.clear()
    read, moments = stage.swarm.tasks, []

    def counted(service_id):
        moments.append(stage.swarm.clock.now())
        return read(service_id)

    monkeypatch.setattr(stage.swarm, "tasks", counted)
    assert stage.resume().kind == OutcomeKind.DEPLOYED
    assert len(moments) <= BEFORE + len(stage.log.of(StepStarted)) + 1


def test_small_services_are_read_whole(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lookout, "LARGE", 200)
    stage = Stage()
    stage.serve(4)
    assert full_and_partial(stage, 4, 1)[1] == 0
