"""What the contract needs of a Swarm, simulated or real, and the words its tests are written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from rollout import pacing, spec
from rollout.errors import Conflict
from rollout.model import Image, Order, Service, Slot, Spec, Task
from rollout.ports import Store, Surroundings, Swarm
from rollout.snapshot import slots_of

STEP = 0.1
SECOND = 1_000_000_000


class Kind(StrEnum):
    """What the containers of an image do."""

    GOOD = "good"
    """Starts at once, has no healthcheck, and stops when it is told to."""

    CRASHING = "crashing"
    """Prints ``dying`` and exits with 3 after a second."""

    UNHEALTHY = "unhealthy"
    """Fails its health checks, and exits with 7 when it is told to stop."""

    POLITE = "polite"
    """Fails its health checks, and exits with 0 when it is told to stop."""

    SILENT = "silent"
    """Never comes to a verdict on its health."""

    SLOW = "slow"
    """Is healthy after two seconds, and good from then on."""

    MISSING = "missing"
    """Is not in the registry."""


class World(Protocol):
    """A Swarm of three nodes with the images that the contract is about."""

    swarm: Swarm
    surroundings: Surroundings
    store: Store

    def image(self, kind: Kind, version: int = 1) -> Image: ...

    def create(self, wanted: Spec) -> Service: ...

    def inspect(self, service: Service) -> Mapping[str, Any]: ...

    def crash(self, task: Task) -> None:
        """Kill the task's process from outside."""

    def touch_nodes(self) -> None:
        """Change a label of every node."""

    def cut_off(self, task: Task) -> None:
        """Take the network from the task's node, which is not the manager."""

    def reconnect(self, task: Task) -> None:
        """Give it back."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def unique(self, name: str) -> str:
        """A name that no other test uses."""


class Stage:
    """One service of a world and what a test does to it."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = world.unique(name)
        self.service_id = ""

    @property
    def service(self) -> Service:
        return self.world.swarm.service(self.service_id)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return self.world.swarm.tasks(self.service_id)

    @property
    def slots(self) -> tuple[Slot, ...]:
        return slots_of(self.tasks)

    @property
    def status(self) -> str:
        """The state in the service's UpdateStatus."""
        return str((self.world.inspect(self.service).get("UpdateStatus") or {}).get("State", ""))

    @property
    def wanted(self) -> dict[str, str]:
        """The newest wanted task of each slot."""
        return {slot.key: slot.wanted[0].id for slot in self.slots}

    @property
    def done(self) -> int:
        """The slots that run the spec in force and nothing else."""
        return sum(slot.done for slot in self.slots)

    def spec(self, replicas: int | None = 3, **more: Any) -> Spec:
        mode = {"Global": {}} if replicas is None else {"Replicated": {"Replicas": replicas}}
        template = {
            "ContainerSpec": {"Image": str(self.world.image(Kind.GOOD)), "StopGracePeriod": 3 * SECOND},
            "RestartPolicy": {"Condition": "any", "Delay": SECOND // 2, "MaxAttempts": 0},
        }
        return {"Name": self.name, "TaskTemplate": template, "Mode": mode, **more}

    def target(self, kind: Kind = Kind.GOOD, version: int = 2) -> Spec:
        """The service's own spec with another image."""
        return spec.with_image(self.service.spec, self.world.image(kind, version))

    def start(self, replicas: int | None = 3, **more: Any) -> Spec:
        """Create the service from a good image, and wait until it runs: returns its spec as inspected."""
        self.create(self.spec(replicas, **more))
        self.wait(lambda: self.done == len(self.slots) == (replicas or 3), "the service runs")
        return self.service.spec

    def create(self, wanted: Spec) -> None:
        self.service_id = self.world.create(wanted).id

    def write(self, wanted: Spec) -> None:
        """Write once; that the updater's own status write came in between is no reason to fail."""
        for _ in range(3):
            try:
                return self.world.swarm.update(self.service, wanted, None)
            except Conflict:
                continue
        raise AssertionError("somebody else writes this service all the time")

    def release(self, target: Spec, slots: int, number: int, order: Order = Order.START_FIRST) -> None:
        """Release a batch."""
        self.write(pacing.released(target, slots, order, number))

    def roll_back(self, baseline: Spec, slots: int, order: Order = Order.START_FIRST) -> None:
        """Bring the baseline back."""
        self.write(pacing.rolled_back(baseline, slots, order))

    def reach(self, done: int) -> None:
        """Wait until so many slots run the spec in force, and nothing is in motion."""
        self.wait(lambda: self.done == done and self.quiet, f"{done} slots are done")

    def stands_still(self, seconds: float = 2.0) -> None:
        """See that nothing moves."""
        before = self.wanted
        self.stays(lambda: self.wanted == before, "nothing moves", seconds)

    @property
    def quiet(self) -> bool:
        return all(slot.quiet and slot.wanted[0].running for slot in self.slots)

    def wait(self, holds: Callable[[], bool], what: str, seconds: float = 25.0) -> None:
        deadline = self.world.now() + seconds
        while not holds():
            assert self.world.now() < deadline, f"not within {seconds:g}s: {what}; {self.describe()}"
            self.world.sleep(STEP)

    def stays(self, holds: Callable[[], bool], what: str, seconds: float) -> None:
        end = self.world.now() + seconds
        while self.world.now() < end:
            assert holds(), f"did not stay: {what}; {self.describe()}"
            self.world.sleep(STEP)

    def describe(self) -> str:
        return "\n  " + "\n  ".join(str(task) for task in self.tasks)
