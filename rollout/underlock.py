"""Work on a service under its lock, which is kept meanwhile and given back whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

from rollout.aside import LOOK_EVERY, done_aside, ended
from rollout.errors import Locked, RolloutError
from rollout.events import Note
from rollout.oneshot.side import Sideline
from rollout.ports import World
from rollout.preparing import Request
from rollout.state.holder import Holder
from rollout.state.lease import Lease, LockLost
from rollout.state.lock import Locksmith

T = TypeVar("T")
AT_ONCE = 1.0
"""Seconds that somebody who wants to leave at once waits for the lock to be given back."""


@contextmanager
def locked(request: Request, world: World, holder: Holder, began: float) -> Iterator[Lease]:
    """The lock of the service, queued for as long as the request says. Raises Locked.

    What others have left beside the service is removed first.
    """
    announce = _announcer(world, began)
    smith = Locksmith(world.store, world.clock, announce)
    lease = smith.acquire(request.service.id, request.service.name, holder, request.wait)
    try:
        Sideline(world.swarm, announce).clear(request.service.id)
        yield lease
    except Exception:
        _give_back(lease)
        raise
    except BaseException:  # a second Ctrl-C: the engine may be what hangs
        _give_back_at_once(lease, world)
        raise
    _give_back(lease)


def kept(lease: Lease, request: Request, world: World, act: Callable[[], T]) -> T:
    """What ``act`` gives, while the lock is kept alive beside it. Raises what it raises.

    Raises Locked where the lock is lost meanwhile: nothing has been written yet.
    """
    try:
        return done_aside(world.background, world.clock, act, lease.beat)
    except LockLost:
        name = request.service.name
        raise Locked(
            f"another deployment has taken the lock of {name}; nothing has been changed by this one",
            f"`rollout lock show {name}` tells who it is",
        ) from None


def _give_back(lease: Lease) -> None:
    with suppress(RolloutError):  # it falls by itself
        lease.release()


def _give_back_at_once(lease: Lease, world: World) -> None:
    """As far as that takes no time: on this machine a lock falls with its process, elsewhere a bit later."""
    pending = world.background.begin(partial(ended, partial(_give_back, lease)))
    limit = world.clock.now() + AT_ONCE
    while pending.result() is None and world.clock.now() < limit:
        world.clock.sleep(LOOK_EVERY)


def _announcer(world: World, began: float) -> Callable[[str], None]:
    def announce(sentence: str) -> None:
        world.sink.emit(Note(world.clock.now() - began, sentence))

    return announce
