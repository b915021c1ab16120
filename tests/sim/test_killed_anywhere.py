"""The process is killed, as by SIGKILL, at every write and whenever a gate is asked: all, none chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rollout import deploy, pacing, spec
from rollout.events import Event, GateJudged, GateProgress
from rollout.model import OutcomeKind, TcpGate
from rollout.sim.faults import Killed
from rollout.state.held import locks
from rollout.state.holder import Holder
from rollout.state.record import history
from tests.sim.conftest import Log, Stage, nobody

GATES = {"gates": (TcpGate("redis:6379", successes=1),), "prepull": False}


class Deadly(Log):
    """A sink at which the process dies when a gate has been asked for the nth time."""

    def __init__(self, nth: int, die: Callable[[], None]) -> None:
        super().__init__()
        self.nth = nth
        self.die = die
        self.asked = 0

    def emit(self, event: Event) -> None:
        super().emit(event)
        if isinstance(event, GateJudged | GateProgress):
            self.asked += 1
            if self.asked == self.nth:
                self.die()


def site() -> Stage:
    stage = Stage()
    stage.serve(4)
    stage.swarm.instruments.ports.add("redis:6379")
    return stage


def asked_in_all() -> int:
    """How often gates are asked in an undisturbed deployment."""
    stage = site()
    sink = Deadly(0, stage.swarm.faults.die)
    deploy.deploy(stage.request(**GATES), replace(stage.world, sink=sink), Holder("ann@desk"), nobody)
    return sink.asked


def writes_in_all() -> int:
    """How many writes an undisturbed deployment makes, of whatever kind."""
    stage = site()
    stage.deploy(**GATES)
    return stage.swarm.faults.all.count


class Ruled:
    """Users, and how many replicas serve, from before the deployment until all is over."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.before = stage.now.spec
        self.load = stage.swarm.load(stage.now, rate=20)
        self.fewest = 4
        self._look()

    def _look(self) -> None:
        running = sum(task.running for task in self.stage.swarm.tasks(self.stage.now.id))
        self.fewest = min(self.fewest, running)
        self.stage.swarm.clock.call_later(0.5, self._look)

    def finish(self, way: str) -> None:
        """Resume or abort what is half-way, and hold the end against the rules."""
        self.stage.swarm.clock.sleep(40)
        if pacing.release_number(self.stage.now.spec) is not None:
            act = {"resume": self.stage.resume, "abort": self.stage.abort}[way]
            ended = act(**GATES).kind
            assert ended == {"resume": OutcomeKind.DEPLOYED, "abort": OutcomeKind.ABORTED}[way]
            assert self.stage.images_running() == {"resume": {"app:2"}, "abort": {"app:1"}}[way]
            assert way == "resume" or spec.same(self.stage.now.spec, self.before)
        assert len(self.stage.images_running()) == 1
        assert self.fewest >= 4
        assert self.load.failed == 0


def assert_nothing_was_cleared_up(stage: Stage) -> None:
    """SIGKILL runs no ``finally``: the lock stays, and the record is open."""
    stage.swarm.faults.be_called_anew()
    assert [lock.who for lock in locks(stage.swarm.store)] == ["ann@desk"]
    assert [record.open for record in history(stage.swarm.store, stage.now.id)] == [True]


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("nth", range(1, asked_in_all() + 1))
def test_killed_whenever_a_gate_is_asked(nth: int, way: str):
    stage = site()
    ruled = Ruled(stage)
    world = replace(stage.world, sink=Deadly(nth, stage.swarm.faults.die))
    with pytest.raises(Killed):
        deploy.deploy(stage.request(**GATES), world, Holder("ann@desk"), nobody)
    assert_nothing_was_cleared_up(stage)
    ruled.finish(way)


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, writes_in_all() + 1))
def test_killed_at_whatever_write(nth: int, moment: str, way: str):
    stage = site()
    ruled = Ruled(stage)
    getattr(stage.swarm.faults.all, moment)(nth, stage.swarm.faults.die)
    with pytest.raises(Killed):
        stage.deploy(**GATES)
    stage.swarm.faults.be_called_anew()
    ruled.finish(way)
