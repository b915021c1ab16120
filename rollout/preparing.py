"""From a request to a plan: reads everything, writes nothing. All that change a service begin here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rollout import fast_health, forecast, image_configs, logins, planning, preflight, spec
from rollout.config import Settings
from rollout.errors import Refused
from rollout.fast_health import ImageChecks
from rollout.image_configs import ImageConfigs
from rollout.model import Login, Mode, Offer, Options, Plan, Service, Snapshot, Spec, Watched
from rollout.planning import Wish
from rollout.ports import Registry, Swarm, World
from rollout.preflight.facts import Facts
from rollout.recalled import recalled
from rollout.snapshot import take
from rollout.state import record
from rollout.state.care import most_at_once
from rollout.state.milestones import watched_of
from rollout.state.record import Record
from rollout.stepping import Strategy
from rollout.surveying import survey
from rollout.targeting import Aim, Found


def _any_plan(_plan: Plan) -> None:
    """Approves of every plan."""


@dataclass(frozen=True)
class Request:
    """What the caller wants of one service. ``settings`` is asked with the baseline, whose labels count.

    ``wait`` is for how many seconds it queues for the lock; ``approve`` sees the plan before anything is done
    with it, and raises Refused where it is not to be.
    """

    service: Service
    aim: Aim
    settings: Callable[[Spec], Settings]
    strategy: Callable[[str], Strategy]
    wait: float = 0.0
    approve: Callable[[Plan], None] = _any_plan


@dataclass(frozen=True)
class Prepared:
    """A plan with what was found on the way to it."""

    plan: Plan
    snapshot: Snapshot
    records: tuple[Record, ...]
    unfinished: Record | None
    credentials: str | None


@dataclass(frozen=True)
class Known:
    """What is known of the images and of the way to them."""

    configs: ImageConfigs
    offer: Offer
    login: Login | None


def prepare(request: Request, world: World) -> Prepared:
    """Read the Swarm and the registry and make the plan. Raises Refused and what the ports raise."""
    snapshot = take(world.swarm, world.swarm.service(request.service.id))
    _refuse_jobs(snapshot.service)
    records = record.history(world.store, snapshot.service.id)
    unfinished = record.interrupted(records, snapshot.service)
    baseline = _baseline(snapshot.service, unfinished)
    settings = request.settings(baseline)
    found = Found(snapshot.service, baseline, records, unfinished, settings.options.overrides)
    asked = request.aim.target(found, world.registry)
    offer = _offer(asked, snapshot.service.spec, world.registry)
    configs = image_configs.read(world.swarm, asked, snapshot.service.spec, offer)
    target = asked
    if not _is_there(asked, baseline, snapshot.service.spec):
        target = _with_health(asked, configs.checks, settings.options, world.swarm)
    watched = watched_of(unfinished) if unfinished else Watched()
    wish = Wish(baseline, target, settings.options, settings.origin, watched)
    login = world.registry.login(spec.image(target))
    known = Known(configs, offer, login)
    made = planning.make(snapshot, wish, (), request.strategy(settings.options.strategy))
    findings = preflight.examine(_facts(snapshot, wish, known, made, world))
    plan = forecast.timed(replace(made, findings=findings), records)
    request.approve(plan)
    credentials = logins.worth_sending(world.registry, plan.new_image, login, world.clock.wall())
    return Prepared(plan, snapshot, records, unfinished, credentials)


def _offer(asked: Spec, current: Spec, registry: Registry) -> Offer:
    """What the registry has, where an image is new; what runs needs no registry to go on running."""
    image = spec.image(asked)
    return Offer() if image == spec.image(current) else registry.offer(image)


def prepare_to_resume(request: Request, world: World) -> Prepared:
    """The same for an interrupted deployment; the registry is not asked where there is none."""
    service = world.swarm.service(request.service.id)
    unfinished = record.interrupted(record.history(world.store, service.id), service)
    if unfinished is None:
        raise nothing_unfinished(service.name)

    def settings(baseline: Spec) -> Settings:
        """As carefully as it was begun."""
        return recalled(request.settings(baseline), unfinished)

    return prepare(replace(request, settings=settings), world)


def prepare_to_abort(request: Request, world: World) -> Prepared:
    """The way back of an unfinished deployment, to the spec that it began with. Raises Refused."""
    snapshot = take(world.swarm, world.swarm.service(request.service.id))
    records = record.history(world.store, snapshot.service.id)
    unfinished = record.restorable(records, snapshot.service)
    if unfinished is None:
        raise nothing_unfinished(snapshot.service.name)
    baseline = _baseline(snapshot.service, unfinished)
    settings = request.settings(baseline)
    target = spec.with_scale_of(unfinished.target, snapshot.service.spec)
    wish = Wish(baseline, target, settings.options, settings.origin)
    plan = planning.way_back(snapshot, wish, most_at_once(unfinished))
    login = world.registry.login(plan.old_image)
    credentials = logins.worth_sending(world.registry, plan.old_image, login, world.clock.wall())
    return Prepared(plan, snapshot, records, unfinished, credentials)


def nothing_unfinished(name: str) -> Refused:
    """There is no deployment to take up again or to take back."""
    return Refused(
        f"no deployment of {name} is unfinished",
        f"`rollout status {name}` shows what runs, `rollout deploy {name}` begins a deployment",
    )


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
    return spec.with_scale_of(unfinished.baseline, service.spec)


def _is_there(asked: Spec, *known: Spec) -> bool:
    """Whether it is the baseline, or what an interrupted deployment has begun to release.

    That stays as it is: nothing restarts for the sake of faster health checks alone.
    """
    return any(spec.same_work(asked, one) for one in known)


def _with_health(asked: Spec, checks: ImageChecks, options: Options, swarm: Swarm) -> Spec:
    if not options.fast_health:
        return fast_health.plain(asked)
    return fast_health.quickened(asked, checks.dependable, swarm.api_version())


def _facts(snapshot: Snapshot, wish: Wish, known: Known, made: Plan, world: World) -> Facts:
    return Facts(
        snapshot=snapshot,
        baseline=wish.baseline,
        target=wish.target,
        options=wish.options,
        order=made.order,
        image=known.configs.likely,
        now=world.clock.wall(),
        survey=survey(world.swarm, world.surroundings, snapshot.service, wish.target, made.order),
        platforms=known.offer.platforms,
        credentials_expire=known.login.expires if known.login else None,
        preview=made.preview,
    )
