"""From a request to a plan: reads everything, writes nothing. ``plan`` and ``deploy`` both begin here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rollout import planning, preflight, spec
from rollout.config import Settings
from rollout.errors import Refused
from rollout.model import Image, Mode, Plan, Service, Snapshot, Spec
from rollout.planning import Strategy, Wish
from rollout.ports import Swarm, World
from rollout.preflight.facts import Facts
from rollout.snapshot import take
from rollout.state import record
from rollout.state.record import Record
from rollout.targeting import wanted_image

Targeting = Callable[[Spec, Image, Record | None], Spec]
"""From baseline, resolved image and unfinished deployment to the target."""


@dataclass(frozen=True)
class Request:
    """What the caller wants of one service. ``settings`` is asked with the baseline, whose labels count."""

    service: Service
    image: str | None
    tag: str | None
    settings: Callable[[Spec], Settings]
    strategy: Callable[[str], Strategy]
    targeting: Targeting


@dataclass(frozen=True)
class Prepared:
    """A plan with what was found on the way to it."""

    plan: Plan
    snapshot: Snapshot
    records: tuple[Record, ...]
    unfinished: Record | None
    credentials: str | None


def prepare(request: Request, world: World) -> Prepared:
    """Read the Swarm and the registry and make the plan. Raises Refused and what the ports raise."""
    snapshot = take(world.swarm, world.swarm.service(request.service.id))
    _refuse_jobs(snapshot.service)
    records = record.history(world.store, snapshot.service.id)
    unfinished = record.interrupted(records, snapshot.service)
    baseline = _baseline(snapshot.service, unfinished)
    image = world.registry.resolve(_image_to_resolve(request, baseline, unfinished))
    target = request.targeting(baseline, image, unfinished)
    settings = request.settings(baseline)
    wish = Wish(baseline, target, settings.options, settings.origin)
    facts = _facts(world.swarm, snapshot, wish)
    plan = planning.make(
        snapshot, wish, preflight.examine(facts), request.strategy(settings.options.strategy)
    )
    return Prepared(plan, snapshot, records, unfinished, world.registry.credentials(image))


def _refuse_jobs(service: Service) -> None:
    if spec.mode(service.spec) == Mode.JOB:
        raise Refused(
            f"{service.name} is a job: it runs to its end and is not updated", "deploy services only"
        )
    if not spec.container(service.spec).get("Image"):
        raise Refused(f"{service.name} does not run a container", "deploy services that run containers only")


def _baseline(service: Service, unfinished: Record | None) -> Spec:
    """The spec to go back to: where a deployment was cut off, the one that it began with."""
    if unfinished is None:
        return service.spec
    return record.with_scale_of(unfinished.baseline, service.spec)


def _image_to_resolve(request: Request, baseline: Spec, unfinished: Record | None) -> Image:
    """Without a wish, an interrupted deployment goes on to its own image, digest included."""
    if unfinished is not None and request.image is None and request.tag is None:
        return spec.image(unfinished.target)
    return wanted_image(spec.image(baseline), request.image, request.tag)


def _facts(swarm: Swarm, snapshot: Snapshot, wish: Wish) -> Facts:
    order, _ = planning.choose_order(wish)
    healthcheck = _has_healthcheck(swarm, snapshot, wish.target)
    return Facts(snapshot, wish.target, wish.options, order, healthcheck)


def _has_healthcheck(swarm: Swarm, snapshot: Snapshot, target: Spec) -> bool | None:
    """The engine may not have the new image yet; then the present one is the best guess."""
    images = (spec.image(target), spec.image(snapshot.service.spec))
    answers = (swarm.image_has_healthcheck(image) for image in images)
    return next((answer for answer in answers if answer is not None), None)
