"""The use case ``abort``: lock → what is unfinished → back to its baseline, verified → hooks → record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from rollout import way_back
from rollout.attending import attended
from rollout.errors import Locked
from rollout.events import Finished, Planned
from rollout.model import Outcome
from rollout.ports import World
from rollout.preparing import Prepared, Request, prepare_to_abort
from rollout.state import halt, lock
from rollout.state.halt import Halts
from rollout.state.holder import Holder
from rollout.underlock import kept, locked
from rollout.watching import Watch


def abort(request: Request, world: World, holder: Holder, interrupted: Callable[[], int | None]) -> Outcome:
    """End an unfinished deployment at its baseline; the outcome is also the last event.

    Somebody who is at work on it is asked to hold, and waited for. Raises Locked if they do not let go, and
    Refused where nothing is unfinished.
    """
    began = world.clock.now()
    with _after_a_halt(request, world, holder) as request, locked(request, world, holder, began) as lease:
        queued = world.clock.now() - began
        Halts(world.store, request.service.id, lease.entry.id).clear()
        prepared = kept(lease, request, world, partial(prepare_to_abort, request, world))
        world = attended(world, lease)
        world.sink.emit(Planned(world.clock.now() - began, prepared.plan))
        watch = Watch(world, prepared.snapshot, lease, interrupted, began, queued=queued)
        outcome = _abort(world, prepared, watch, holder)
        world.sink.emit(Finished(world.clock.now() - began, outcome))  # now: the engine may be slow to let go
    return outcome


@contextmanager
def _after_a_halt(request: Request, world: World, holder: Holder) -> Iterator[Request]:
    """Ask whoever is at work to let go, and be patient enough for that; take it back if that was in vain."""
    at_work = lock.held(world.store, request.service.id)
    if not at_work:
        yield request
        return
    halts = Halts(world.store, request.service.id, at_work[0].id)
    halts.ask(holder.who)
    try:
        yield replace(request, wait=max(request.wait, halt.PATIENCE))
    except Locked:
        halts.take()
        raise


def _abort(world: World, prepared: Prepared, watch: Watch, holder: Holder) -> Outcome:
    return way_back.assemble(world, prepared, watch, holder, f"aborted by {holder.who}").run()
