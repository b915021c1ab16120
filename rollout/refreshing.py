"""New credentials into services that run, restarting nothing: for registries whose logins end, such as ECR's.

What a service was deployed with is kept in its spec, and nodes pull with it for as long as it runs: a task
that is moved to a node without the image cannot start once the login has ended (moby/moby issue 31063).
Swarm leaves tasks alone that have pulled already (moby/swarmkit manager/orchestrator/task.go, IsTaskDirty).
Still this is a write, and any write moves an update that stands still: such services are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from rollout import durations, pacing, spec
from rollout.errors import (
    Conflict,
    EngineUnavailable,
    Locked,
    OutcomeUnknown,
    Refused,
    RolloutError,
    UsageError,
)
from rollout.events import Note
from rollout.logins import AtHand, worth_sending
from rollout.model import Availability, Image, Login, Mode, Service, Snapshot
from rollout.oneshot.side import Sideline
from rollout.ports import World
from rollout.registries import ecr_region, registry_of
from rollout.snapshot import missing, take
from rollout.state import record
from rollout.state.holder import Holder
from rollout.state.lease import Lease, LockLost
from rollout.state.lock import Locksmith

TRIES = 20
SHORTEST = timedelta(hours=1)
"""What a new login has to last: what the service has, no engine tells, and it may be good for longer."""
_MOVING = {"updating": "being updated", "rollback_started": "being rolled back"}
_PAUSED = ("paused", "rollback_paused")


class Renewal(StrEnum):
    """What became of a service's credentials."""

    RENEWED = "renewed"
    NO_LOGIN = "no login"
    LOCKED = "locked"
    LEFT_ALONE = "left alone"


@dataclass(frozen=True)
class Refreshed:
    """One service; ``sentence`` says more, ``hint`` what to do next."""

    service: str
    renewal: Renewal
    sentence: str
    hint: str = ""


def refresh(service: Service, world: World, holder: Holder) -> Refreshed:
    """Write the login that is at hand into a service, under its lock. What goes wrong becomes its result.

    Raises UsageError, which would be the same for every service.
    """
    image = spec.image(service.spec)
    try:
        login = world.registry.login(image)
        if login is None:
            sentence = f"there is no login here for {image.repository}"
            return Refreshed(service.name, Renewal.NO_LOGIN, sentence, _way_in(image))
        header = _good(login, image, world)
        _under_lock(service, world, holder, header)
    except UsageError:
        raise
    except Locked as locked:
        return Refreshed(service.name, Renewal.LOCKED, locked.message, locked.hint)
    except RolloutError as error:
        return Refreshed(service.name, Renewal.LEFT_ALONE, error.message, error.hint)
    return Refreshed(service.name, Renewal.RENEWED, _until(login))


def obstacle(snapshot: Snapshot) -> str:
    """Why a write would do more than it should, in words; empty where it would not. Pure."""
    service = snapshot.service
    state = service.update_state
    tasks = [task for slot in snapshot.slots for task in slot.wanted]
    if spec.mode(service.spec) == Mode.JOB:
        return "it is a job, which a write would start again"
    if pacing.release_number(service.spec) is not None:
        return "a deployment of it is unfinished, and a write would release more replicas"
    if state in _MOVING:
        return f"it is {_MOVING[state]}"
    if state in _PAUSED:
        return "Swarm has paused its update, and a write would let it go on"
    if any(task.running and not task.up_to_date for task in tasks):
        return "not all of its replicas run its spec, and a write would replace them"
    if _gives_up(service) and missing(snapshot):
        return "replicas of it have ended for good, and a write would start them again"
    return ""


def _way_in(image: Image) -> str:
    """What to do where it has to have a login."""
    return "pip install 'swarm-rollout[ecr]', and let AWS know you" if ecr_region(registry_of(image)) else ""


def _good(login: Login, image: Image, world: World) -> str:
    """The login's header. Raises Refused where it would take a good one's place, perhaps."""
    now = world.clock.wall()
    header = worth_sending(world.registry, AtHand(image, login), now).header(image)
    if header is None:
        why = "has expired" if login.expired(now) else _DOUBTS[world.registry.opens(image)]
        raise Refused(f"the login here for {image.repository} {why}", _ANEW)
    if login.expired(now + SHORTEST):
        left = durations.format(round((login.expires - now).total_seconds())) if login.expires else ""
        raise Refused(f"the login here for {image.repository} ends in {left} already", _ANEW)
    return header


_ANEW = "log in anew, and do it again"
_DOUBTS = {
    Availability.DENIED: "does not open it",
    Availability.MISSING: "finds no such image there any more",
    Availability.AWAY: "could not be tried: the registry does not answer",
    Availability.UNASKED: "could not be tried",
    Availability.THERE: "could not be tried",
}


def _under_lock(service: Service, world: World, holder: Holder, header: str) -> None:
    def announce(sentence: str) -> None:
        world.sink.emit(Note(0.0, f"{service.name}: {sentence}"))

    lease = _locksmith(world, announce).acquire(service.id, service.name, holder)
    try:
        Sideline(world.swarm, announce).clear(service.id)
        snapshot = take(world.swarm, world.swarm.service(service.id))
        _refuse(snapshot, world)
        _write(snapshot.service, world, lease, header)
    finally:
        with suppress(RolloutError):  # it falls by itself
            lease.release()


def _locksmith(world: World, announce: Callable[[str], None]) -> Locksmith:
    return Locksmith(world.store, world.clock, announce)


def _refuse(snapshot: Snapshot, world: World) -> None:
    name = snapshot.service.name
    hint = f"`rollout status {name}` shows it; a deployment brings its own login along"
    if record.interrupted(record.history(world.store, snapshot.service.id), snapshot.service):
        raise Refused("a deployment of it is unfinished", hint)
    found = obstacle(snapshot)
    if found:
        raise Refused(found, hint)


def _write(seen: Service, world: World, lease: Lease, header: str) -> None:
    """Write the spec as it is, with the login; to do so twice does no more than once."""
    for _ in range(TRIES):
        fresh = world.swarm.service(seen.id)
        if not spec.same(fresh.spec, seen.spec):
            raise Refused("someone else is changing it", "do it again")
        try:
            lease.prove()
            return world.swarm.update(fresh, fresh.spec, header)
        except LockLost:
            raise Refused("another deployment has taken the lock") from None
        except (Conflict, OutcomeUnknown, EngineUnavailable):
            continue
    raise EngineUnavailable(f"the engine did not take the credentials, tried {TRIES} times")


def _gives_up(service: Service) -> bool:
    policy = (service.spec.get("TaskTemplate") or {}).get("RestartPolicy") or {}
    return (policy.get("Condition") or "any") != "any" or bool(policy.get("MaxAttempts"))


def _until(login: Login) -> str:
    return f"good until {login.expires:%Y-%m-%d %H:%M} UTC" if login.expires else "nobody says until when"
