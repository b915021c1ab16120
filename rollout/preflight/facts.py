"""What the checks may know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from rollout.model import Healthcheck, ImageConfig, Node, Occupant, Options, Order, Snapshot, Spec
from rollout.placement import eligible
from rollout.spec import healthcheck, own_healthcheck


@dataclass(frozen=True)
class Neighbour:
    """A service on one of the same networks: its spec, and the texts of the configs that it is given."""

    name: str
    spec: Spec
    files: tuple[str, ...]


@dataclass(frozen=True)
class Survey:
    """What is around the service, as far as a check has a question.

    ``occupants`` is None where nobody asked. Secrets and configs are missing by name.
    """

    occupants: tuple[Occupant, ...] | None = None
    missing_secrets: tuple[str, ...] = ()
    missing_configs: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True)
class Facts:
    """A deployment from the ``baseline`` to the ``target``.

    ``image`` is what the new image brings along, None where nobody could tell. ``platforms`` are those that
    the registry has the image for, ``credentials_expire`` is when the login that goes with the deployment
    ends; empty and None where that is not known. ``preview`` is how many replicas the plan tries beside.
    ``guessed`` is whether ``image`` is the present one, since nobody could tell of the new one.
    """

    snapshot: Snapshot
    baseline: Spec
    target: Spec
    options: Options
    order: Order
    image: ImageConfig | None
    now: datetime
    survey: Survey = field(default_factory=Survey)
    platforms: tuple[str, ...] = ()
    credentials_expire: datetime | None = None
    preview: int = 0
    guessed: bool = False

    @property
    def health(self) -> Healthcheck:
        """The health check that new replicas will have, as far as it is known."""
        return healthcheck(self.target, self.image.healthcheck if self.image else None)

    @property
    def brings_own_test(self) -> bool:
        """Whether the target has a health check of its own, whatever its image brings."""
        return bool(own_healthcheck(self.target).get("Test"))

    @property
    def eligible(self) -> tuple[Node, ...]:
        """The nodes that may run the service, whatever their state."""
        return tuple(node for node in self.snapshot.nodes.values() if eligible(node, self.target))
