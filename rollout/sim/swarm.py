"""The simulated Swarm: its parts put together, and the port ``Swarm`` over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from rollout.model import Healthcheck, Image, ImageConfig, Node, Service, Spec, Task, TaskState
from rollout.sim.agent import Agents
from rollout.sim.allocator import Allocator
from rollout.sim.clock import SimClock
from rollout.sim.configs import SimStore
from rollout.sim.control import Control
from rollout.sim.dirty import is_dirty
from rollout.sim.faults import Faults
from rollout.sim.images import Images
from rollout.sim.instruments import SimInstruments
from rollout.sim.lists import TaskLists
from rollout.sim.load import Load
from rollout.sim.machines import Machines
from rollout.sim.memory import Memory
from rollout.sim.orchestrator import Orchestrator
from rollout.sim.prober import SimProber
from rollout.sim.process import Processes
from rollout.sim.puller import Puller
from rollout.sim.reaper import Reaper
from rollout.sim.registry import SimRegistry
from rollout.sim.sampler import SimSampler
from rollout.sim.scheduler import Scheduler
from rollout.sim.service import SimService
from rollout.sim.specs import service_spec
from rollout.sim.surroundings import SimSurroundings
from rollout.sim.task import SimTask
from rollout.sim.timing import Timing
from rollout.sim.traffic import Traffic
from rollout.sim.wall import EngineClock
from rollout.spec import MARK

START_TIMEOUT = 300.0
_CONFIGS = {True: ImageConfig(Healthcheck(test=("CMD", "healthcheck"), interval=1.0)), False: ImageConfig()}


class SimSwarm:
    """A Swarm in memory, the same for the same seed. Nothing happens but while its clock sleeps.

    >>> swarm = SimSwarm(nodes=3, seed=0)
    >>> swarm.images["app:1"] = Behaviour()
    >>> service = swarm.create_service("web", "app:1", replicas=4)
    """

    def __init__(self, nodes: int = 3, seed: int = 0, timing: Timing | None = None) -> None:
        timing = timing or Timing()
        self.clock = SimClock()
        self.images = Images()
        self.registry = SimRegistry(self.clock, self.images)
        self.faults = Faults(self.clock)
        self.api = (1, 41)  # Docker 20.10; a test may set another
        self.engine_clock = EngineClock(self.clock)
        self._memory = Memory(Processes(self.clock), seed)
        self._lists = TaskLists(self._memory, self.engine_clock)
        self.store = SimStore(self._memory, self.faults, self.engine_clock)
        self.surroundings = SimSurroundings(self._memory, self.faults)
        self.machines = Machines(self._memory, timing)
        self._control = Control(self._memory, self.engine_clock)
        self._puller = Puller(self.registry, timing)
        self._agents = Agents(self._memory, timing, self._puller)
        self.casting = self._agents.casting
        self._traffic = Traffic(self._memory, self._agents.doors)
        self.prober = SimProber(self._memory, self._traffic)
        self.instruments = SimInstruments(self.clock)
        self.sampler = SimSampler(self.clock, self.prober)
        self._start(timing)
        self.machines.add(nodes)

    def _start(self, timing: Timing) -> None:
        self._orchestrator = Orchestrator(self._memory, timing)
        Allocator(self._memory, timing)
        Scheduler(self._memory, timing)
        Reaper(self._memory, timing)

    def services(self) -> tuple[Service, ...]:
        """All services."""
        self.faults.check()
        return tuple(service.shown for service in self._memory.services.values())

    def service(self, service_id: str) -> Service:
        """One service by ID or full name."""
        self.faults.check()
        return self._control.find(service_id).shown

    def tasks(self, service_id: str) -> tuple[Task, ...]:
        """A service's tasks, newest first."""
        return self._listed(self._memory.tasks_of(service_id))

    def released_tasks(self, service_id: str, mark: str) -> tuple[Task, ...]:
        """The up-to-date tasks that were made under that mark."""
        tasks = self._memory.tasks_of(service_id)
        found = self._listed(task for task in tasks if task.service_labels.get(MARK) == mark)
        return tuple(task for task in found if task.up_to_date)

    def ended_tasks(self, service_id: str) -> tuple[Task, ...]:
        """The up-to-date tasks that are not meant to run any more."""
        found = self._listed(task for task in self._memory.tasks_of(service_id) if not task.wanted)
        return tuple(task for task in found if task.up_to_date)

    def tasks_by_id(self, task_ids: Sequence[str]) -> tuple[Task, ...]:
        """These tasks."""
        known = (self._memory.tasks.get(task_id) for task_id in task_ids)
        return self._listed(task for task in known if task is not None)

    def standing_tasks(self) -> Mapping[str, tuple[Task, ...]]:
        """The tasks of all services that are meant to run."""
        self.faults.check()
        return self._lists.of(task for task in self._memory.tasks.values() if task.wanted)

    def past_tasks(self, service_ids: Sequence[str]) -> Mapping[str, tuple[Task, ...]]:
        """The tasks of these services that are not meant to run any more."""
        self.faults.check()
        wanted = frozenset(service_ids)
        tasks = self._memory.tasks.values()
        return self._lists.of(task for task in tasks if not task.wanted and task.service_id in wanted)

    def _listed(self, tasks: Iterable[SimTask]) -> tuple[Task, ...]:
        self.faults.check()
        newest = sorted(tasks, key=lambda task: -task.created)
        services = self._memory.services
        shown = ((services.get(task.service_id), task) for task in newest)
        return tuple(self._shown(service, task) for service, task in shown if service is not None)

    def nodes(self) -> tuple[Node, ...]:
        """The nodes."""
        self.faults.check()
        return tuple(node.as_node() for node in self._memory.nodes.values())

    def update(self, service: Service, spec: Spec, credentials: str | None) -> None:
        """Write a spec over a service as it was read."""
        self.faults.write(self.faults.services, lambda: self._control.update(service, spec, credentials))

    def logs(self, task_id: str, lines: int) -> tuple[str, ...]:
        """The last lines that a task wrote."""
        self.faults.check()
        task = self._memory.tasks.get(task_id)
        behaviour = self._agents.behaviour(task_id)
        if task is None or behaviour is None or task.state < TaskState.STARTING or lines < 1:
            return ()
        return behaviour.log[-lines:]

    def node_answers(self, task: Task) -> bool:
        """Whether a task's node is reachable, whatever the managers know of it yet."""
        self.faults.check()
        node = self._memory.nodes.get(task.node_id)
        return node is not None and node.reachable

    def image_config(self, image: Image) -> ImageConfig | None:
        """What an image brings along; None where the first node does not have it."""
        self.faults.check()
        behaviour = self._puller.kept(next(iter(self._memory.nodes)), image)
        if behaviour is None:
            return None
        return replace(_CONFIGS[behaviour.healthcheck], stop_signal=behaviour.stop_signal)

    def api_version(self) -> tuple[int, int]:
        """What ``api`` says."""
        self.faults.check()
        return self.api

    def now(self) -> datetime:
        """The engine's time of day."""
        self.faults.check()
        return self.engine_clock.wall()

    def create(self, spec: Spec, credentials: str | None = None) -> Service:
        """Create a service from a raw spec; its tasks come with time."""
        made = self.faults.write(self.faults.births, lambda: self._control.create(spec, credentials))
        return made.shown

    def remove(self, service_id: str) -> None:
        """Remove a service and, with time, its tasks."""
        self.faults.write(self.faults.births, lambda: self._forget(service_id))

    def create_service(self, name: str, image: str, replicas: int | None = 4, **more: Any) -> Service:
        """Create a service (replicas None: global mode) and wait until it runs.

        ``more`` is laid over the spec: ``UpdateConfig={...}``, ``TaskTemplate={"Placement": {...}}``.
        """
        service = self._control.create(service_spec(name, image, replicas, more), None).shown
        self.settle(service)
        return self.service(service.id)

    def settle(self, service: Service, timeout: float = START_TIMEOUT) -> None:
        """Let time pass until every slot has one task, running by the spec of now."""
        deadline = self.clock.now() + timeout
        while not self._settled(self._control.find(service.id)):
            if self.clock.now() >= deadline:
                tasks = self.tasks(service.id)
                raise TimeoutError(f"{service.name} does not settle within {timeout:g}s: {tasks}")
            self.clock.sleep(0.1)

    def remove_service(self, service_id: str) -> None:
        """Remove a service that has to be there, as somebody else would."""
        service = self._control.find(service_id)
        self._memory.drop_service(service.id)
        self._orchestrator.clear(service)

    def inspect(self, service_id: str) -> dict[str, Any]:
        """A service as ``GET /services/{id}`` shows it, UpdateStatus and PreviousSpec included."""
        return self._control.inspect(self._control.find(service_id))

    def crash(self, task_id: str, exit_code: int = 137) -> None:
        """Let the process of a running task die, as when it runs out of memory."""
        self._agents.crash(task_id, exit_code)

    def elect_leader(self) -> None:
        """Let another manager become the leader."""
        self._orchestrator.elect()

    def load(self, service: Service, rate: float) -> Load:
        """Begin a load of so many requests a second."""
        return Load(self._memory, self._traffic, service.id, rate)

    def _forget(self, service_id: str) -> None:
        if service_id in self._memory.services:
            self.remove_service(service_id)

    def _settled(self, service: SimService) -> bool:
        wanted = [task for task in self._memory.tasks_of(service.id) if task.wanted]
        running = [task for task in wanted if task.state == TaskState.RUNNING]
        fresh = all(not is_dirty(service, task, self._memory.nodes) for task in running)
        return fresh and len(running) == len(wanted) == self._slots(service)

    def _slots(self, service: SimService) -> int:
        if not service.is_global:
            return service.replicas
        nodes = self._memory.nodes.values()
        return sum(node.takes_tasks and node.satisfies(service.constraints) for node in nodes)

    def _shown(self, service: SimService, task: SimTask) -> Task:
        fresh = not is_dirty(service, task, self._memory.nodes)
        return task.as_task(fresh, self.engine_clock.at(task.at))
