"""The use case: lock → snapshot → preflight → plan → execute → record → notify."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from rollout.errors import Refused, RolloutError
from rollout.events import Finished, Note, Planned
from rollout.executor import Ending, assemble
from rollout.gates import health
from rollout.model import CauseKind, Outcome, OutcomeKind, Plan, PlanKind
from rollout.ports import World
from rollout.preparing import Prepared, Request, prepare
from rollout.proving import Proving
from rollout.state import record
from rollout.state.holder import Holder
from rollout.state.lock import Lease, Locksmith
from rollout.state.record import Record, RecordState
from rollout.watching import Watch
from rollout.writing import Pen

Interrupted = Callable[[], int | None]


def plan(request: Request, world: World) -> Plan:
    """What a deployment would do now. Writes nothing."""
    return prepare(request, world).plan


def deploy(request: Request, world: World, holder: Holder, interrupted: Interrupted) -> Outcome:
    """Deploy under the service's lock; the outcome is also the last event.

    Raises Locked, and Refused and its kin when nothing has been touched.
    """
    began = world.clock.now()
    announce = _announcer(world, began)
    lease = Locksmith(world.swarm, world.store, world.clock, announce).acquire(
        request.service.id, request.service.name, holder
    )
    try:
        prepared = prepare(request, world)
        world.sink.emit(Planned(world.clock.now() - began, prepared.plan))
        deployment = Deployment(world, prepared, lease, holder, interrupted, began)
        outcome = deployment.run()
    finally:
        with suppress(RolloutError):  # it falls by itself
            lease.release()
    world.sink.emit(Finished(world.clock.now() - began, outcome))
    return outcome


class Deployment:
    """One deployment that has its lock and its plan."""

    def __init__(
        self,
        world: World,
        prepared: Prepared,
        lease: Lease,
        holder: Holder,
        interrupted: Interrupted,
        began: float,
    ) -> None:
        self.world = world
        self.prepared = prepared
        self.plan = prepared.plan
        self.holder = holder
        self.watch = Watch(world, prepared.snapshot, lease, interrupted, began)

    def run(self) -> Outcome:
        """Carry the plan out, keep the record, say how it ended."""
        self._say_what_was_found()
        if self.plan.kind == PlanKind.UNCHANGED:
            self._close_unfinished(RecordState.DEPLOYED)
            return self._outcome(Ending(OutcomeKind.UNCHANGED), None)
        self._probe_baseline()
        book = self._open_record()
        pen, ending = self._execute()
        if not pen.written and self.prepared.unfinished is None:
            self.world.store.remove(book.entry)
            return self._outcome(_untouched(ending), None)
        self._close(book, ending)
        return self._outcome(ending, book.revision)

    def _say_what_was_found(self) -> None:
        if self.prepared.unfinished is not None:
            revision = self.prepared.unfinished.revision
            done = f"{self.plan.done} of {self.plan.slots} replicas run the target"
            self._note(f"deployment {revision} was interrupted; going on from where it stopped: {done}")

    def _probe_baseline(self) -> None:
        """A probe that fails before the first write could judge nothing afterwards."""
        if self.plan.done:
            return
        failed = Proving(self.world, self.plan, self.watch).probe_baseline()
        if failed is not None:
            raise Refused(
                f"before anything was touched the probe already fails: {failed.evidence}",
                "mend the probe or the site first, or deploy without --probe if this release is the cure",
            )

    def _open_record(self) -> Record:
        """The new record first, then the end of the old one: a crash in between loses neither."""
        records = self.prepared.records
        last = records[-1].revision if records else 0
        book = record.open_record(self.world.store, self.plan, self.holder, self.world.clock.wall(), last)
        for old in records:
            if old.open:
                record.close(self.world.store, old, RecordState.ABANDONED, f"taken over by {book.revision}")
        record.prune(self.world.store, (*records, book))
        return book

    def _execute(self) -> tuple[Pen, Ending]:
        """Carry the plan out; the pen knows whether the service may have been touched."""
        self.watch.forgive(self.world.swarm.tasks(self.plan.service.id))
        pen = Pen(
            self.world.swarm, self.prepared.snapshot.service, self.prepared.credentials, self.watch.fence
        )
        return pen, assemble(self.plan, self.watch, pen).run()

    def _close(self, book: Record, ending: Ending) -> None:
        """Write the end down; that this fails does not change how the deployment ended."""
        try:
            record.close(self.world.store, book, record.end_of(ending.kind), _sentence(ending))
        except RolloutError as error:
            self._note(f"the end could not be written into the record: {error.message}")

    def _close_unfinished(self, state: RecordState) -> None:
        if self.prepared.unfinished is not None:
            record.close(self.world.store, self.prepared.unfinished, state)

    def _outcome(self, ending: Ending, revision: int | None) -> Outcome:
        outcome = Outcome(
            kind=ending.kind,
            service=self.plan.service.name,
            old_image=self.plan.old_image,
            new_image=self.plan.new_image,
            seconds=self.watch.elapsed(),
            replaced=self._replaced(ending),
            slots=self.plan.slots,
            cause=ending.cause,
            revision=revision,
        )
        return replace(outcome, hint=hint_for(outcome))

    def _replaced(self, ending: Ending) -> int:
        """The slots that this deployment brought over and left on the target."""
        if ending.kind not in {OutcomeKind.DEPLOYED, OutcomeKind.HELD} or self.watch.last is None:
            return 0
        on_target = health.count_done(self.watch.last.slots, self.plan.new_image.digest)
        return max(0, on_target - self.plan.done)

    def _note(self, sentence: str) -> None:
        self.world.sink.emit(Note(self.watch.elapsed(), sentence))


def hint_for(outcome: Outcome) -> str:
    """What to do next."""
    name = outcome.service
    forward, back = (
        f"`rollout deploy {name} --image {image}`" for image in (outcome.new_image, outcome.old_image)
    )
    if outcome.kind == OutcomeKind.HELD and outcome.cause and outcome.cause.kind == CauseKind.FOREIGN_WRITE:
        return f"look at `rollout status {name}`, then deploy again from what is there now"
    if outcome.kind == OutcomeKind.HELD:
        return f"the service stands still and serves; {forward} finishes it, {back} goes back"
    if outcome.kind == OutcomeKind.FAILED:
        return f"look at `rollout status {name}` now; {back} tries the way back again"
    if outcome.kind == OutcomeKind.ROLLED_BACK:
        return f"mend the release; `rollout status {name}` shows the service"
    return ""


def _announcer(world: World, began: float) -> Callable[[str], None]:
    def announce(sentence: str) -> None:
        world.sink.emit(Note(world.clock.now() - began, sentence))

    return announce


def _untouched(ending: Ending) -> Ending:
    """A hold before the first write is a refusal: there is nothing to take up again."""
    return replace(ending, kind=OutcomeKind.REFUSED) if ending.kind == OutcomeKind.HELD else ending


def _sentence(ending: Ending) -> str:
    return ending.cause.sentence if ending.cause else ""
