"""A task's life on its node, stage by stage.

States and messages are those of swarmkit's agent/exec/controller.go and of moby's
daemon/cluster/executor/container/controller.go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rollout.model import TaskState
from rollout.sim.behaviour import Behaviour
from rollout.sim.casting import Casting
from rollout.sim.container import End, SimContainer
from rollout.sim.doors import Door, Doors
from rollout.sim.memory import Memory
from rollout.sim.process import Steps, Wait, pause, until
from rollout.sim.puller import Puller
from rollout.sim.task import SimTask
from rollout.sim.timing import Timing


@dataclass(frozen=True)
class Report:
    """What an agent tells the managers of a task."""

    state: TaskState
    message: str
    error: str = ""
    exit_code: int | None = None


class Life:
    """One task on its node. Every stage is left at once when the task is not wanted any more."""

    def __init__(
        self, task: SimTask, memory: Memory, timing: Timing, puller: Puller, doors: Doors, casting: Casting
    ) -> None:
        self.behaviour: Behaviour | None = None
        self._born = task
        self._memory = memory
        self._timing = timing
        self._puller = puller
        self._doors = doors
        self._casting = casting
        self._container = SimContainer(task, Behaviour())
        self._started = 0.0

    def steps(self) -> Steps:
        """From assigned to the end."""
        stages: list[Callable[[], Steps]] = [
            self._accept,
            self._prepare,
            self._await_start,
            self._start,
            self._run,
        ]
        for stage in stages:
            yield from stage()
            if self._ended or self._unwanted():
                break
        if not self._ended:
            yield from self._shut_down()
        self._doors.remove(self._born.id)

    def _accept(self) -> Steps:
        yield from self._report(Report(TaskState.ACCEPTED, "accepted"))

    def _prepare(self) -> Steps:
        yield from self._report(Report(TaskState.PREPARING, "preparing"))
        image = self._born.image
        pull = self._puller.pull(self._born.node_id, image, self._born.credentials)
        yield self._unless_unwanted(pull.seconds)
        if pull.behaviour is None:
            yield from self._report(Report(TaskState.REJECTED, "preparing", f"No such image: {image}"))
        elif not self._unwanted():
            played = self._casting.of(self._born, pull.behaviour)
            self.behaviour = played.started_with(self._born.container.get("Command") or ())
            self._container = SimContainer(self._born, self.behaviour)
            yield from self._report(Report(TaskState.READY, "prepared"))

    def _await_start(self) -> Steps:
        yield until(lambda: self._unwanted() or self._now.desired >= TaskState.RUNNING)

    def _start(self) -> Steps:
        yield from self._report(Report(TaskState.STARTING, "starting"))
        yield self._unless_unwanted(self._timing.start)
        self._started = self._memory.clock.now()
        if self.behaviour is not None and self.behaviour.cannot_start:
            error = f"starting container failed: {self.behaviour.cannot_start}"
            yield from self._report(Report(TaskState.FAILED, "starting", error))
        elif not self._unwanted():
            yield from self._become_healthy()

    def _become_healthy(self) -> Steps:
        turn = self._container.first_turn()
        yield self._unless_unwanted(turn.after)
        if self._unwanted():
            return
        if turn.end is None:
            yield from self._report(Report(TaskState.RUNNING, "started"))
        else:
            yield from self._end(turn.end)

    def _run(self) -> Steps:
        """Without a health check a task is running, and gets requests, before anything listens."""
        behaviour = self.behaviour or Behaviour()
        self._doors.add(self._born.id, Door(behaviour, self._container.has_healthcheck))
        turn = self._container.last_turn()
        if turn.after is None or turn.after > behaviour.start_seconds:
            yield self._unless_unwanted(self._until_age(behaviour.start_seconds))
            self._doors.open(self._born.id)
        yield self._unless_unwanted(None if turn.after is None else self._until_age(turn.after))
        if turn.end is not None and not self._unwanted():
            yield from self._end(turn.end)

    def _end(self, end: End) -> Steps:
        """The message stays that of the state in which it ended (seen on 20.10)."""
        if end.told:
            yield from self._stop()
        if end.exit_code == 0:
            yield from self._report(Report(TaskState.COMPLETE, "finished", exit_code=0))
        else:
            message = self._now.message
            yield from self._report(Report(TaskState.FAILED, message, end.error, end.exit_code))

    def _shut_down(self) -> Steps:
        started = self._now.state >= TaskState.STARTING
        yield from self._stop()
        code = self._container.stop_code if started else None
        yield from self._report(Report(TaskState.SHUTDOWN, "shutdown", exit_code=code))

    def _stop(self) -> Steps:
        """Off the load balancer at once, then the gossip's pause, then the stop signal."""
        self._doors.remove(self._born.id)
        if self._born.spec.get("Networks"):
            yield pause(self._timing.gossip)
        if self._now.state >= TaskState.STARTING:
            yield pause(self._container.stop_seconds)

    def _report(self, report: Report) -> Steps:
        yield pause(self._timing.report * self._memory.chance.uniform(0.5, 1.5))
        yield until(lambda: self._memory.nodes[self._born.node_id].reachable)
        if self._ended:
            return
        self._memory.change_task(
            self._born.id,
            state=report.state,
            message=report.message,
            error=report.error,
            exit_code=report.exit_code,
            at=self._memory.clock.now(),
        )

    @property
    def _now(self) -> SimTask:
        return self._memory.tasks.get(self._born.id, self._born)

    @property
    def _ended(self) -> bool:
        return self._now.ended or self._born.id not in self._memory.tasks

    def _unwanted(self) -> bool:
        return not self._now.wanted or self._ended

    def _unless_unwanted(self, seconds: float | None) -> Wait:
        return until(self._unwanted, seconds)

    def _until_age(self, seconds: float) -> float:
        return max(0.0, self._started + seconds - self._memory.clock.now())
