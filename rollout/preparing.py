"""From a request to a plan: reads everything, writes nothing. All that change a service begin here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rollout import fast_health, forecast, hints, image_configs, logins, pacing, planning, preflight, spec
from rollout.config import Settings
from rollout.errors import Refused
from rollout.fast_health import ImageChecks
from rollout.image_configs import ImageConfigs
from rollout.logins import Logins
from rollout.model import Login, Mode, Offer, Options, Plan, Service, Snapshot, Spec, Watched
from rollout.planning import Wish
from rollout.ports import Registry, Swarm, World
from rollout.preflight.facts import Facts
from rollout.recalled import recalled
from rollout.snapshot import take
from rollout.state import ledger, record
from rollout.state.care import most_at_once
from rollout.state.milestones import watched_of
from rollout.state.record import Record
from rollout.stepping import Strategy
from rollout.surveying import survey
from rollout.targeting import Aim, Found, Unfinished


def _any_plan(_plan: Plan) -> None:
    """Approves of every plan."""


@dataclass(frozen=True)
class Request:
    """What the caller wants of one service. ``settings`` is asked with the baseline, whose labels count.

    ``wait`` is for how many seconds it queues for the lock; ``approve`` sees the plan before anything is done
    with it, and raises Refused where it is not to be. ``forced`` accepts the errors of the checks.
    """

    service: Service
    aim: Aim
    settings: Callable[[Spec], Settings]
    strategy: Callable[[str], Strategy]
    wait: float = 0.0
    approve: Callable[[Plan], None] = _any_plan
    forced: bool = False


@dataclass(frozen=True)
class Prepared:
    """A plan with what was found on the way to it."""

    plan: Plan
    snapshot: Snapshot
    records: tuple[Record, ...]
    unfinished: Record | None
    logins: Logins


@dataclass(frozen=True)
class Known:
    """What is known of the images and of the way to them."""

    configs: ImageConfigs
    offer: Offer
    login: Login | None = None


def prepare(request: Request, world: World) -> Prepared:
    """Read the Swarm and the registry and make the plan. Raises Refused and what the ports raise."""
    snapshot = take(world.swarm, world.swarm.service(request.service.id))
    _refuse_jobs(snapshot.service)
    records = record.history(world.store, snapshot.service.id)
    half_way = record.restorable(records, snapshot.service)
    unfinished = half_way if half_way and half_way.open else None
    baseline = _baseline(snapshot.service, half_way, records)
    settings = request.settings(baseline)
    found = Found(snapshot.service, baseline, records, unfinished, settings.options.overrides)
    asked = request.aim.target(found, world.registry)
    offer = _offer(asked, snapshot.service.spec, world.registry)
    asked = spec.with_platforms(asked, offer.platforms)
    configs = image_configs.read(world.swarm, asked, snapshot.service.spec, offer)
    target = asked
    if not _is_there(asked, baseline, snapshot.service.spec):
        target = _with_health(asked, configs.checks, settings.options, world.swarm)
    watched = watched_of(unfinished) if unfinished else Watched()
    wish = Wish(baseline, target, settings.options, settings.origin, watched)
    login = logins.ask(world.registry, spec.image(target))
    known = Known(configs, offer, login.login)
    first_back = half_way is not None and _is_in_the_way(half_way, target, snapshot.service.spec)
    make = planning.after_taking_back if first_back else planning.make
    made = make(snapshot, wish, (), request.strategy(settings.options.strategy))
    ledger.refuse_too_large(made)
    findings = preflight.examine(_facts(snapshot, wish, known, made, world))
    findings = preflight.accept_errors(findings) if request.forced else findings
    plan = forecast.timed(
        replace(made, findings=findings, sources=_sources(configs, wish, snapshot)), records
    )
    request.approve(plan)
    sent = logins.of_both(world.registry, login, plan.old_image, world.clock.wall())
    return Prepared(plan, snapshot, records, unfinished, sent)


def _offer(asked: Spec, current: Spec, registry: Registry) -> Offer:
    """What the registry has, where an image is new; what runs needs no registry to go on running."""
    image = spec.image(asked)
    return Offer() if image == spec.image(current) else registry.offer(image)


def prepare_to_resume(request: Request, world: World) -> Prepared:
    """The same for an interrupted deployment, to its recorded target; or to the end of its way back."""
    service = world.swarm.service(request.service.id)
    records = record.history(world.store, service.id)
    unfinished = record.interrupted(records, service)
    if unfinished is None:
        failed = record.restorable(records, service) is not None
        raise _way_back_failed(service) if failed else nothing_unfinished(service)
    if _is_going_back(unfinished, service.spec):
        return prepare_to_abort(request, world)

    def settings(baseline: Spec) -> Settings:
        """As carefully as it was begun."""
        return recalled(request.settings(baseline), unfinished)

    return prepare(replace(request, aim=Unfinished(), settings=settings), world)


def prepare_to_abort(request: Request, world: World) -> Prepared:
    """The way back of an unfinished deployment, to the spec that it began with. Raises Refused."""
    snapshot = take(world.swarm, world.swarm.service(request.service.id))
    records = record.history(world.store, snapshot.service.id)
    unfinished = record.restorable(records, snapshot.service)
    if unfinished is None:
        raise nothing_unfinished(snapshot.service)
    baseline = _baseline(snapshot.service, unfinished, records)
    settings = request.settings(baseline)
    target = spec.with_scale_of(unfinished.target, snapshot.service.spec)
    wish = Wish(baseline, target, settings.options, settings.origin)
    plan = planning.way_back(snapshot, wish, most_at_once(unfinished))
    login = logins.ask(world.registry, plan.old_image)
    sent = logins.of_both(world.registry, login, plan.new_image, world.clock.wall())
    return Prepared(plan, snapshot, records, unfinished, sent)


def _way_back_failed(service: Service) -> Refused:
    return Refused(
        f"the last deployment of {service.name} was to be taken back, and that has failed: nothing can go on",
        f"{hints.way_back(service.name)}; `rollout deploy {service.name}` begins anew",
    )


def nothing_unfinished(service: Service) -> Refused:
    """There is no deployment to take up again or to take back."""
    name = service.name
    if pacing.is_paced(service.spec):
        return Refused(
            f"a deployment of {name} was left half-way, and somebody has changed the service since",
            f"`rollout deploy {name}` goes on from what is there now, `rollout undo {name}` goes back",
        )
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


def _baseline(service: Service, unfinished: Record | None, records: tuple[Record, ...]) -> Spec:
    """The spec to go back to: where a deployment was cut off, the one that it began with."""
    if unfinished is None:
        return _as_found(service.spec, records[-1] if records else None)
    return spec.with_scale_of(unfinished.baseline, service.spec)


def _as_found(current: Spec, last: Record | None) -> Spec:
    """What is in force, without our pacing.

    Where somebody has changed a service in mid-deployment, the release that was half-way was never judged:
    the image to go back to is the one before it.
    """
    settled = pacing.settled(current, last.baseline if last else None)
    half_way = last is not None and last.open and pacing.is_paced(current)
    if half_way and last is not None and spec.image(current) == spec.image(last.target):
        return spec.with_image(settled, spec.image(last.baseline))
    return settled


def _is_in_the_way(half_way: Record, target: Spec, current: Spec) -> bool:
    """Whether a deployment was left half-way to something else, or on its way back.

    What it has released was not judged, so that nothing else is mixed with it: it goes back first.
    """
    meant = spec.with_scale_of(half_way.target, current)
    goes_on = half_way.open and not _is_going_back(half_way, current)
    return not (goes_on and spec.same_work(target, meant))


def _is_going_back(half_way: Record, current: Spec) -> bool:
    """Whether its rollback was written already."""
    begun = spec.with_scale_of(half_way.baseline, current)
    return pacing.rollback_number(current) > 0 and spec.same_work(begun, current)


def _is_there(asked: Spec, *known: Spec) -> bool:
    """Whether it is the baseline, or what an interrupted deployment has begun to release.

    That stays as it is: nothing restarts for the sake of faster health checks alone.
    """
    return any(spec.same_work(asked, one) for one in known)


def _with_health(asked: Spec, checks: ImageChecks, options: Options, swarm: Swarm) -> Spec:
    if not options.fast_health:
        return fast_health.plain(asked)
    return fast_health.quickened(asked, checks.dependable, swarm.api_version())


def _sources(configs: ImageConfigs, wish: Wish, snapshot: Snapshot) -> tuple[str, str]:
    """From where to where; what is in force is not the old image where a deployment was cut off."""
    before, after = configs.sources
    is_old = spec.image(wish.baseline) == spec.image(snapshot.service.spec)
    return before if is_old else "", after


def _facts(snapshot: Snapshot, wish: Wish, known: Known, made: Plan, world: World) -> Facts:
    return Facts(
        snapshot=snapshot,
        baseline=wish.baseline,
        target=wish.target,
        options=wish.options,
        order=made.order,
        image=known.configs.likely,
        guessed=known.configs.new is None and known.configs.present is not None,
        now=world.clock.wall(),
        survey=survey(world.swarm, world.surroundings, snapshot.service, wish.target, made.order),
        platforms=known.offer.platforms,
        credentials_expire=known.login.expires if known.login else None,
        preview=made.preview,
    )
