"""Work on a service under its lock, which is given back whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rollout.errors import RolloutError
from rollout.events import Note
from rollout.ports import World
from rollout.preparing import Request
from rollout.state.holder import Holder
from rollout.state.lease import Lease
from rollout.state.lock import Locksmith


@contextmanager
def locked(request: Request, world: World, holder: Holder, began: float) -> Iterator[Lease]:
    """The lock of the service, queued for as long as the request says. Raises Locked."""
    smith = Locksmith(world.store, world.clock, _announcer(world, began))
    lease = smith.acquire(request.service.id, request.service.name, holder, request.wait)
    try:
        yield lease
    finally:
        with suppress(RolloutError):  # it falls by itself
            lease.release()


def _announcer(world: World, began: float) -> Callable[[str], None]:
    def announce(sentence: str) -> None:
        world.sink.emit(Note(world.clock.now() - began, sentence))

    return announce
