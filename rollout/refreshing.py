"""New credentials into services that run, restarting nothing: for registries whose logins end, such as ECR's.

What a service was deployed with is kept in its spec, and nodes pull with it for as long as it runs: a task
that is moved to a node without the image cannot start once the login has ended (moby/moby issue 31063).
Swarm leaves tasks alone that have pulled already (moby/swarmkit manager/orchestrator/task.go, IsTaskDirty).
Still this is a write, and any write moves an update that stands still: such services are left as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from rollout import spec
from rollout.errors import Conflict, EngineUnavailable, Locked, OutcomeUnknown, Refused, RolloutError
from rollout.events import Note
from rollout.logins import worth_sending
from rollout.model import Availability, Image, Login, Mode, Service, Snapshot
from rollout.placement import eligible
from rollout.ports import World
from rollout.snapshot import take
from rollout.state import record
from rollout.state.holder import Holder
from rollout.state.lease import Lease, LockLost
from rollout.state.lock import Locksmith

TRIES = 20
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
    """Write the login that is at hand into a service, under its lock. What goes wrong becomes its result."""
    image = spec.image(service.spec)
    try:
        login = world.registry.login(image)
        if login is None:
            return Refreshed(service.name, Renewal.NO_LOGIN, f"there is no login here for {image.repository}")
        header = _good(login, image, world)
        _under_lock(service, world, holder, header)
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
    if spec.release_number(service.spec) is not None:
        return "a deployment of it is unfinished, and a write would release more replicas"
    if state in _MOVING:
        return f"it is {_MOVING[state]}"
    if state in _PAUSED:
        return "Swarm has paused its update, and a write would let it go on"
    if any(task.running and not task.up_to_date for task in tasks):
        return "not all of its replicas run its spec, and a write would replace them"
    if _gives_up(service) and _missing(snapshot):
        return "replicas of it have ended for good, and a write would start them again"
    return ""


def _good(login: Login, image: Image, world: World) -> str:
    """The login's header. Raises Refused where it would take a good one's place, perhaps."""
    now = world.clock.wall()
    header = worth_sending(world.registry, image, login, now)
    if header is None:
        why = "has expired" if login.expired(now) else _DOUBTS[world.registry.availability(image)]
        raise Refused(f"the login here for {image.repository} {why}", "log in anew, and do it again")
    return header


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
        snapshot = take(world.swarm, world.swarm.service(service.id))
        _refuse(snapshot, world)
        _write(snapshot.service, world, lease, header)
    finally:
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


def _missing(snapshot: Snapshot) -> bool:
    """Whether a slot has no task that is meant to run."""
    replicas = spec.replicas(snapshot.service.spec)
    able = [node for node in snapshot.nodes.values() if node.active and not node.gone]
    nodes = sum(eligible(node, snapshot.service.spec) for node in able)
    return len(snapshot.slots) < (nodes if replicas is None else replicas)


def _until(login: Login) -> str:
    return f"good until {login.expires:%Y-%m-%d %H:%M} UTC" if login.expires else "nobody says until when"
