"""The agents: each carries the tasks of its node from assigned to their end."""

from __future__ import annotations

from rollout.model import TaskState
from rollout.sim.behaviour import Behaviour
from rollout.sim.casting import Casting
from rollout.sim.doors import Doors
from rollout.sim.life import Life
from rollout.sim.memory import Change, Memory
from rollout.sim.puller import Puller
from rollout.sim.task import SimTask
from rollout.sim.timing import Timing


class Agents:
    """Starts a life for every task that is assigned to a node."""

    def __init__(self, memory: Memory, timing: Timing, puller: Puller) -> None:
        self.doors = Doors(memory)
        self.casting = Casting()
        self._memory = memory
        self._timing = timing
        self._puller = puller
        self._lives: dict[str, Life] = {}
        memory.after_change.append(self._notice)

    def crash(self, task_id: str, exit_code: int) -> None:
        """Let a task's process end by itself."""
        error = f"task: non-zero exit ({exit_code})"
        at = self._memory.clock.now()
        self._memory.change_task(task_id, state=TaskState.FAILED, error=error, exit_code=exit_code, at=at)

    def behaviour(self, task_id: str) -> Behaviour | None:
        """What a task's container does, if it has come to have one."""
        life = self._lives.get(task_id)
        return life.behaviour if life else None

    def _notice(self, change: Change) -> None:
        match change.before, change.after:
            case SimTask() as before, SimTask(state=TaskState.ASSIGNED) as task if before.state < task.state:
                self._memory.processes.start(self._begin(task).steps(), about=task.id)
            case SimTask() as task, None:
                self._lives.pop(task.id, None)

    def _begin(self, task: SimTask) -> Life:
        life = Life(task, self._memory, self._timing, self._puller, self.doors, self.casting)
        self._lives[task.id] = life
        return life
