"""What the engine of rollout needs from the world, as narrow protocols.

Every call may raise ``EngineUnavailable`` (temporary) and ``EngineReplyInvalid``; more is said per method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from rollout.events import Event
from rollout.model import (
    Availability,
    ExecGate,
    HttpProbe,
    Image,
    ImageConfig,
    Login,
    Message,
    Node,
    Occupant,
    Offer,
    ProbeResult,
    PrometheusGate,
    Queried,
    Ran,
    Sample,
    Service,
    Spec,
    Task,
    TcpGate,
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Swarm(Protocol):
    """The orchestrator, seen from one of its managers."""

    def services(self) -> tuple[Service, ...]:
        """All services."""
        ...

    def service(self, service_id: str) -> Service:
        """One service by ID or full name, read from the leader. Raises NotFound."""
        ...

    def tasks(self, service_id: str) -> tuple[Task, ...]:
        """A service's tasks, past ones included as far as Swarm keeps them, newest first."""
        ...

    def released_tasks(self, service_id: str, mark: str) -> tuple[Task, ...]:
        """The up-to-date tasks made since the release of that mark (``spec.MARK``), newest first."""
        ...

    def ended_tasks(self, service_id: str) -> tuple[Task, ...]:
        """The up-to-date tasks that are not meant to run any more, as far as Swarm keeps them."""
        ...

    def tasks_by_id(self, task_ids: Sequence[str]) -> tuple[Task, ...]:
        """These tasks, as far as they are there; whether they are up to date is not asked."""
        ...

    def standing_tasks(self) -> Mapping[str, tuple[Task, ...]]:
        """The tasks of all services that are meant to run, newest first, by their service's ID.

        One question, however many services there are; whether the tasks are up to date is not asked.
        """
        ...

    def past_tasks(self, service_ids: Sequence[str]) -> Mapping[str, tuple[Task, ...]]:
        """The tasks of these services that are not meant to run any more, as far as Swarm keeps them.

        The same form, and one question too.
        """
        ...

    def nodes(self) -> tuple[Node, ...]:
        """The nodes."""
        ...

    def update(self, service: Service, spec: Spec, credentials: str | None) -> None:
        """Write ``spec`` over ``service`` if it is still at ``service.version``.

        ``credentials`` is the value of X-Registry-Auth; None keeps those that the spec in force has.
        Raises Conflict when it was written meanwhile, OutcomeUnknown when the connection broke,
        EngineRefused when the spec is not acceptable, NotFound when the service is gone.
        """
        ...

    def logs(self, task_id: str, lines: int) -> tuple[str, ...]:
        """The last lines that a task wrote, as far as they can be had: an empty tuple otherwise."""
        ...

    def node_answers(self, task: Task) -> bool:
        """Whether the node of a task that was started there answers now.

        Swarm itself takes three heartbeats to notice that a node is gone.
        """
        ...

    def create(self, spec: Spec, credentials: str | None) -> Service:
        """Create a service. Raises AlreadyExists, EngineRefused, OutcomeUnknown."""
        ...

    def remove(self, service_id: str) -> None:
        """Remove a service; it is no error if it is gone."""
        ...

    def image_config(self, image: Image) -> ImageConfig | None:
        """What an image brings along; None where the engine does not have the image."""
        ...

    def api_version(self) -> tuple[int, int]:
        """The version of the API that the engine speaks with us, as ``(1, 44)``."""
        ...

    def now(self) -> datetime:
        """The engine's time of day, to judge time stamps that it made."""
        ...


@dataclass(frozen=True)
class Entry:
    """A named value in the Swarm: ``data`` never changes, ``labels`` may; ``updated`` is engine time."""

    id: str
    name: str
    version: int
    labels: Mapping[str, str]
    data: bytes
    updated: datetime


class Store(Protocol):
    """Small values kept in the Swarm itself (its configs)."""

    def create(self, name: str, data: bytes, labels: Mapping[str, str]) -> Entry:
        """Create it; raises AlreadyExists if the name is taken: of two callers one wins."""
        ...

    def find(self, labels: Mapping[str, str]) -> tuple[Entry, ...]:
        """Those that carry all these labels, oldest first."""
        ...

    def relabel(self, entry: Entry, labels: Mapping[str, str]) -> Entry:
        """Replace the labels if nobody wrote it since; raises Conflict, NotFound, OutcomeUnknown."""
        ...

    def remove(self, entry: Entry) -> None:
        """Remove exactly this one (by ID); it is no error if it is gone."""
        ...


class Surroundings(Protocol):
    """What is around a service in its Swarm. Read only where a check has a question."""

    def occupants(self) -> tuple[Occupant, ...]:
        """The tasks of all services that are meant to run and have a node."""
        ...

    def has_secret(self, secret_id: str) -> bool:
        """Whether there is such a secret."""
        ...

    def config_text(self, config_id: str) -> str | None:
        """What a config holds, as text; None where there is none such."""
        ...


class Registry(Protocol):
    """Where images come from."""

    def resolve(self, image: Image) -> Image:
        """The image with its tag's digest now.

        Raises ImageNotFound, RegistryDenied, RegistryUnavailable.
        """
        ...

    def availability(self, image: Image) -> Availability:
        """What the registry says of the image, asked once and answered within seconds; never raises."""
        ...

    def opens(self, image: Image) -> Availability:
        """Whether the caller's login opens the image; never raises.

        One with which a look-up has just succeeded is not tried again, any other patiently.
        """
        ...

    def offer(self, image: Image) -> Offer:
        """What it has under an image's reference, as far as that can be told within seconds; never raises."""
        ...

    def login(self, image: Image) -> Login | None:
        """The caller's login for the image's registry, if there is one.

        Raises RegistryDenied where one should be there and cannot be had, RegistryUnavailable.
        """
        ...


class Prober(Protocol):
    """Asks as a user would."""

    def ask(self, probe: HttpProbe) -> ProbeResult:
        """One request over a new connection; never raises."""
        ...

    def ask_together(self, probe: HttpProbe, requests: int) -> tuple[ProbeResult, ...]:
        """So many requests at the same time, each over a new connection; never raises."""
        ...


class Instruments(Protocol):
    """Measures what is not a page."""

    def connect(self, gate: TcpGate) -> ProbeResult:
        """Open a connection and close it; never raises."""
        ...

    def run(self, gate: ExecGate, environment: Mapping[str, str]) -> Ran:
        """Run a command on this machine, the variables added to our own; never raises."""
        ...

    def query(self, gate: PrometheusGate) -> Queried:
        """Ask a Prometheus server; never raises."""
        ...


class Sampling(Protocol):
    """Requests that go on in the background."""

    def samples(self) -> tuple[Sample, ...]:
        """The answers so far, oldest first."""
        ...

    def stop(self) -> None:
        """Ask no more; does not wait for an answer that is still to come."""
        ...


class Sampler(Protocol):
    """Asks in the background while something else goes on."""

    def start(self, probes: Sequence[HttpProbe], rate: float, since: float) -> Sampling:
        """Ask the probes in turn, ``rate`` requests a second in all; ``since`` is 0 on the samples' clock."""
        ...


class Pending(Protocol[T_co]):
    """Something that is being done beside everything else."""

    def result(self) -> T_co | None:
        """What came of it; None as long as it is not done."""
        ...


class Background(Protocol):
    """Does what would take too long to wait for: the lock's heart has to beat meanwhile."""

    def begin(self, act: Callable[[], T]) -> Pending[T]:
        """Begin it. ``act`` must not raise."""
        ...


class Notifier(Protocol):
    """A channel to people or to their programs. ``name`` tells it from others and holds no secret."""

    @property
    def name(self) -> str:
        """How it is called in front of a person."""
        ...

    def send(self, message: Message, seconds: float) -> None:
        """Deliver it within about so many seconds; raises NotDelivered and NotAccepted."""
        ...


class Clock(Protocol):
    """Time, so that it can be an argument."""

    def now(self) -> float:
        """Seconds on a clock that only goes forward."""
        ...

    def wall(self) -> datetime:
        """The time of day, UTC, for records."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Sink(Protocol):
    """Where events go. Never raises: showing must not break doing."""

    def emit(self, event: Event) -> None:
        """Take one event."""
        ...


@dataclass(frozen=True)
class World:
    """Everything outside, in one hand."""

    swarm: Swarm
    surroundings: Surroundings
    store: Store
    registry: Registry
    prober: Prober
    instruments: Instruments
    sampler: Sampler
    background: Background
    clock: Clock
    sink: Sink
