"""Looking at the service while it changes: one poll a tick, shared by every phase of a deployment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from rollout import spec
from rollout.events import Event, Observed
from rollout.lookout import Lookout
from rollout.model import Cause, CauseKind, Mode, Plan, Slot, Snapshot, Task
from rollout.ports import World
from rollout.snapshot import slots_of
from rollout.state.lease import LockLost
from rollout.writing import MustHold

POLL = 0.2
"""Seconds between two looks at a small service; a large one is looked at less often."""
STALL = 5.0
"""Seconds without anything in motion after which Swarm is taken to move nothing more by itself."""
NODES_EVERY = 2.0
"""Seconds between two looks at the nodes; Swarm itself takes about fifteen to notice that one is gone."""
SERVICE_EVERY = 2.0
"""Seconds between two looks at the service itself: has somebody else written to it?"""
AFTERMATH = 30.0
"""Seconds after a node's return in which it tells what died with it."""
SHAKEN = 10.0
"""Seconds for which a death of the old release on a node explains one of the new release there."""
TASKS_A_SECOND = 2000
"""How many tasks may be read a second: /tasks sends them all, and tasks have no event stream."""


class Lease(Protocol):
    """The lock as the watch needs it."""

    def beat(self) -> None:
        """Renew it when it is time to."""
        ...

    def prove(self) -> None:
        """Make sure that it is still ours."""
        ...


def _never() -> int | None:
    return None


def _nobody() -> str:
    return ""


def _nothing() -> None:
    """What is done at each look where nothing else is to be done."""


def _unheard(_event: Event) -> None:
    """Who hears the events beside the sink where nobody has to."""


@dataclass(frozen=True)
class View:
    """The slots at one moment; ``dead`` are the tasks of the spec in force that died since the start."""

    at: float
    slots: tuple[Slot, ...]
    dead: tuple[Task, ...]


@dataclass
class Watch:
    """Reads the tasks, keeps the lease alive, hears interrupts, and tells the sink what it saw.

    ``gone_at`` is when nodes were last seen to be gone, ``placed_at`` when tasks were first seen on their
    nodes; ``pulse`` is called whenever the lock is kept.
    ``queued`` is for how many seconds the lock was waited for, ``paused`` for how many the plan had it stand
    still. ``halted`` says who has asked from elsewhere that it holds; empty for nobody. ``heard`` gets every
    event after the sink. ``guard`` is called now and then and raises where somebody else has written to the
    service.
    """

    world: World
    snapshot: Snapshot
    lease: Lease
    interrupted: Callable[[], int | None]
    started: float
    forgiven: frozenset[str] = frozenset()
    gone_at: dict[str, float] = field(default_factory=dict)
    others_died: dict[str, float] = field(default_factory=dict)
    dead_since: dict[str, float] = field(default_factory=dict)
    running_since: dict[str, float] = field(default_factory=dict)
    placed_at: dict[str, float] = field(default_factory=dict)
    last: View | None = None
    nodes_seen: float | None = None
    pulse: Callable[[], None] = _nothing
    queued: float = 0.0
    paused: float = 0.0
    halted: Callable[[], str] = _nobody
    heard: Callable[[Event], None] = _unheard
    guard: Callable[[], None] = _nothing
    guarded: float = float("-inf")
    lookout: Lookout = field(init=False)

    def __post_init__(self) -> None:
        mark = spec.labels(self.snapshot.service.spec).get(spec.MARK, "")
        self.lookout = Lookout(self.world.swarm, self.snapshot.service.id, mark=mark)

    def look(self) -> View:
        """Read the tasks now, as far as they can have changed, and the nodes now and then."""
        self.keep()
        return self._view(self.lookout.look(self.world.clock.now()))

    def look_at_all(self) -> View:
        """The same, and leave nothing out."""
        self.keep()
        return self._view(self.lookout.everything(self.world.clock.now()))

    def _view(self, tasks: tuple[Task, ...]) -> View:
        now = self.world.clock.now()
        dead = [task for task in tasks if task.died and task.id not in self.forgiven]
        self.last = View(now, slots_of(tasks), tuple(task for task in dead if task.up_to_date))
        self._remember(self.last, dead)
        self.look_at_nodes_when_due()
        self._guard_when_due()
        self.tell(Observed(self.elapsed(), self.last.slots, self._node_names(self.last.slots)))
        return self.last

    def look_at_nodes_when_due(self) -> None:
        """Read the nodes now and then."""
        now = self.world.clock.now()
        if self.nodes_seen is None or now - self.nodes_seen >= NODES_EVERY:
            self.look_at_nodes()

    def _guard_when_due(self) -> None:
        now = self.world.clock.now()
        if now - self.guarded >= SERVICE_EVERY:
            self.guarded = now
            self.guard()

    def look_at_nodes(self) -> None:
        """Read the nodes, and remember when one was gone."""
        self.nodes_seen = self.world.clock.now()
        nodes = {node.id: node for node in self.world.swarm.nodes()}
        self.snapshot = replace(self.snapshot, nodes=nodes)
        self.gone_at |= {node.id: self.nodes_seen for node in nodes.values() if node.gone}

    def node_name(self, task: Task) -> str:
        """The host name of a task's node."""
        return self.snapshot.node_name(task)

    def rest(self, at_least: float = 0.0) -> None:
        """Wait until the next look is due, for so many seconds at least."""
        self.world.clock.sleep(max(POLL, at_least, self.lookout.cost / TASKS_A_SECOND))

    def forgive(self, tasks: tuple[Task, ...]) -> None:
        """Hold those of these tasks that have died already against nobody any more."""
        self.forgiven = self.forgiven | {task.id for task in tasks if task.died}

    def expected_slots(self, plan: Plan) -> int:
        """The slots that there have to be; in global mode nodes come and go, and their slots with them."""
        if spec.mode(plan.target) == Mode.GLOBAL and self.last is not None:
            return len(self.last.slots)
        return plan.slots

    def ignore_interrupts(self) -> None:
        """From now on a first Ctrl-C changes nothing: a rollback under way is the fastest way out."""
        self.interrupted, self.halted = _never, _nobody

    def elapsed(self) -> float:
        """Seconds since the start of the deployment."""
        return self.world.clock.now() - self.started

    def worked(self) -> float:
        """Seconds since the lock was taken."""
        return self.elapsed() - self.queued

    def busy(self) -> float:
        """The same without the pauses of the plan: what the deadline counts."""
        return self.worked() - self.paused

    def tell(self, event: Event) -> None:
        """Pass an event on."""
        self.world.sink.emit(event)
        self.heard(event)

    def fence(self) -> None:
        """Make sure that the lock is still ours. Raises MustHold."""
        _or_hold(self.lease.prove)

    def keep(self) -> None:
        """Keep the lock alive and hear signals. Raises MustHold."""
        signal = self.interrupted()
        if signal is not None:
            raise MustHold(Cause(CauseKind.INTERRUPTED, "stopped by a signal", signal=signal))
        who = self.halted()
        if who:
            raise MustHold(Cause(CauseKind.HALTED, f"{who} asked it to hold"))
        _or_hold(self.lease.beat)
        self.pulse()

    def lost_with(self, task: Task) -> frozenset[str]:
        """The ID of the task's node, if that is gone, or was a moment ago and the task was on it by then.

        On its return a node tells what died with it; what was placed there afterwards dies of something else.
        """
        gone = self.gone_at.get(task.node_id, float("-inf"))
        recent = gone >= self.world.clock.now() - AFTERMATH
        return frozenset({task.node_id} if recent and self.placed_at.get(task.id, gone) <= gone else ())

    def shaken(self) -> frozenset[str]:
        """The IDs of nodes on which tasks of the old release have just died: that was not the new one."""
        recent = self.world.clock.now() - SHAKEN
        return frozenset(node for node, at in self.others_died.items() if at >= recent)

    def _remember(self, view: View, dead: list[Task]) -> None:
        """Since when tasks are on their nodes, since when they run, and when they were first seen dead."""
        tasks = [task for slot in view.slots for task in slot.tasks]
        running = [task.id for task in tasks if task.running]
        self.running_since = {task: self.running_since.get(task, view.at) for task in running}
        placed = [task.id for task in tasks if task.node_id]
        self.placed_at = {task: self.placed_at.get(task, view.at) for task in placed}
        for task in dead:
            if task.id not in self.dead_since:
                self.dead_since[task.id] = view.at
                self.others_died |= {} if task.up_to_date else {task.node_id: view.at}

    def _node_names(self, slots: tuple[Slot, ...]) -> dict[str, str]:
        return {task.id: self.snapshot.node_name(task) for slot in slots for task in slot.tasks}


def _or_hold(act: Callable[[], None]) -> None:
    try:
        act()
    except LockLost:
        raise MustHold(Cause(CauseKind.LOCK_LOST, "another deployment has taken the lock")) from None
