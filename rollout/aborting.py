"""The use case ``abort``: lock → what is unfinished → back to its baseline, verified → hooks → record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rollout import way_back
from rollout.events import Finished, Planned
from rollout.model import Outcome
from rollout.ports import World
from rollout.preparing import Prepared, Request, prepare_to_abort
from rollout.state import halt, lock
from rollout.state.halt import Halts
from rollout.state.holder import Holder
from rollout.underlock import locked
from rollout.watching import Watch


def abort(request: Request, world: World, holder: Holder, interrupted: Callable[[], int | None]) -> Outcome:
    """End an unfinished deployment at its baseline; the outcome is also the last event.

    Somebody who is at work on it is asked to hold, and waited for. Raises Locked if they do not let go, and
    Refused where nothing is unfinished.
    """
    began = world.clock.now()
    request = _after_a_halt(request, world, holder)
    with locked(request, world, holder, began) as lease:
        queued = world.clock.now() - began
        prepared = prepare_to_abort(request, world)
        world.sink.emit(Planned(world.clock.now() - began, prepared.plan))
        watch = Watch(world, prepared.snapshot, lease, interrupted, began, queued=queued)
        outcome = _abort(world, prepared, watch, holder)
        world.sink.emit(Finished(world.clock.now() - began, outcome))  # now: the engine may be slow to let go
    return outcome


def _after_a_halt(request: Request, world: World, holder: Holder) -> Request:
    """Ask whoever is at work to let go, and be patient enough for that."""
    if not lock.held(world.store, request.service.id):
        return request
    Halts(world.store, request.service.id).ask(holder.who)
    return replace(request, wait=max(request.wait, halt.PATIENCE))


def _abort(world: World, prepared: Prepared, watch: Watch, holder: Holder) -> Outcome:
    Halts(world.store, prepared.plan.service.id).take()
    return way_back.assemble(world, prepared, watch, holder, f"aborted by {holder.who}").run()
