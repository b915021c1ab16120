"""One update of one service: swarmkit's Updater (manager/orchestrator/update/updater.go).

It works on the slots as they were when it was started, in random order; each of its workers replaces one
slot, waits until the new task runs (or has ended), and then sleeps for the delay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from rollout.model import Order, TaskState
from rollout.sim.dirty import is_dirty
from rollout.sim.failures import Failures
from rollout.sim.memory import Memory
from rollout.sim.pacing import Pacing
from rollout.sim.process import Process, Steps, pause, until
from rollout.sim.restart import Restarts
from rollout.sim.service import SimService
from rollout.sim.status import StatusWriter
from rollout.sim.task import SimTask, new_task

SimSlot: TypeAlias = tuple[SimTask, ...]

RESTING = frozenset({"paused", "rollback_paused"})
UNDER_WAY = frozenset({"updating", "rollback_started"})


class Updater:
    """An update towards the spec that the service had when it began."""

    def __init__(self, memory: Memory, restarts: Restarts, service: SimService) -> None:
        self._service = service
        self._memory = memory
        self._restarts = restarts
        self._status = StatusWriter(memory, service.id)
        back = service.status == "rollback_started"
        self._pacing = Pacing.of(service.pacing("RollbackConfig" if back else "UpdateConfig"))
        self._failures = Failures(memory, self._pacing, 0)
        self._queue: list[SimSlot] = []
        self._workers: list[Process] = []
        self._main: Process | None = None

    def works_for(self, service: SimService) -> bool:
        """Whether it is under way, and towards that very spec."""
        same = self._service.spec == service.spec and self._service.credentials == service.credentials
        return same and self._main is not None and not self._main.ended

    def begin(self, slots: Sequence[SimSlot]) -> None:
        """Start it."""
        self._main = self._memory.processes.start(self._run(slots))

    def cancel(self) -> None:
        """Stop where it stands; tasks that it has created stay."""
        for process in (self._main, *self._workers):
            if process is not None:
                process.stop()

    def _run(self, slots: Sequence[SimSlot]) -> Steps:
        if self._service.status in RESTING:
            return
        dirty = [slot for slot in slots if self._slot_is_dirty(slot)]
        if dirty:
            yield from self._update(dirty)
        elif self._service.status in UNDER_WAY:
            self._status.complete()

    def _update(self, dirty: list[SimSlot]) -> Steps:
        self._status.begin()
        self._failures = Failures(self._memory, self._pacing, len(dirty))
        self._memory.chance.shuffle(dirty)
        self._queue = dirty
        workers = self._pacing.parallelism or len(dirty)
        self._workers = [self._memory.processes.start(self._work()) for _ in range(workers)]
        yield from self._watch()

    def _watch(self) -> Steps:
        """While slots wait, failures stop the update; then not before every worker has slept."""
        yield until(lambda: self._gave_up() or not self._queue)
        yield until(lambda: all(worker.ended for worker in self._workers))
        if not self._failures.culprit:
            yield until(self._gave_up, self._pacing.monitored)
        if not self._failures.culprit:
            self._status.complete()

    def _gave_up(self) -> bool:
        if self._failures.culprit or not self._failures.too_many():
            return bool(self._failures.culprit)
        self._queue.clear()
        may_roll_back = self._service.status != "rollback_started"
        if self._pacing.failure_action == "rollback" and may_roll_back:
            self._status.roll_back(self._failures.culprit)
        else:
            self._status.pause(self._failures.culprit)
        return True

    def _work(self) -> Steps:
        while self._queue:
            yield from self._release(self._queue.pop(0))
            if self._pacing.delay:
                yield pause(self._pacing.delay)

    def _release(self, slot: SimSlot) -> Steps:
        """Bring one slot to the new spec: with the new task that it has already, or with one more."""
        clean = [task for task in slot if not self._task_is_dirty(task)]
        started = [task for task in clean if task.desired == TaskState.RUNNING]
        prepared = [task for task in clean if task.desired < TaskState.RUNNING]
        if started or prepared:
            yield from self._settle_for(started[0] if started else prepared[-1], slot)
        elif self._pacing.order == Order.START_FIRST:
            yield from self._start_then_stop(slot)
        else:
            yield from self._stop_then_start(slot)

    def _settle_for(self, existing: SimTask, slot: SimSlot) -> Steps:
        """Remove every other task of the slot, though the existing one may never have run (rule 1)."""
        removed = self._remove(task for task in slot if task.id != existing.id)
        if existing.desired != TaskState.RUNNING:
            self._restarts.delay_start(existing.id, removed, 0)
            yield until(lambda: not self._restarts.delayed(existing.id))

    def _start_then_stop(self, slot: SimSlot) -> Steps:
        new_id = self._create(slot[0])
        self._restarts.delay_start(new_id, None, 0)
        yield from self._await(new_id)
        if self._state(new_id) == TaskState.RUNNING:
            self._remove(slot)

    def _stop_then_start(self, slot: SimSlot) -> Steps:
        removed = self._remove(slot)
        if removed is None and any(task.wanted for task in slot):
            return  # somebody else was faster: the transaction fails as a whole
        new_id = self._create(slot[0])
        self._restarts.delay_start(new_id, removed, 0)
        yield from self._await(new_id)

    def _await(self, new_id: str) -> Steps:
        yield until(lambda: not self._restarts.delayed(new_id))
        yield until(lambda: self._state(new_id) >= TaskState.RUNNING)
        self._failures.note_start(new_id)

    def _create(self, old: SimTask) -> str:
        place = (0, old.node_id) if self._service.is_global else (old.slot, "")
        new = new_task(self._memory.identity(), self._service, place, self._memory.clock.now())
        self._failures.expect(new.id)
        self._memory.put_task(replace(new, desired=TaskState.READY))
        return new.id

    def _remove(self, tasks: Iterable[SimTask]) -> SimTask | None:
        """Shut tasks down; returns the last of them that was not shut down already."""
        removed = None
        for task in tasks:
            now = self._memory.tasks.get(task.id)
            if task.wanted and now is not None and now.wanted:
                self._memory.wish(task.id, TaskState.SHUTDOWN)
                removed = task
        return removed

    def _state(self, task_id: str) -> TaskState:
        task = self._memory.tasks.get(task_id)
        return task.state if task else TaskState.REMOVE

    def _task_is_dirty(self, task: SimTask) -> bool:
        return is_dirty(self._service, task, self._memory.nodes)

    def _slot_is_dirty(self, slot: SimSlot) -> bool:
        return len(slot) > 1 or self._task_is_dirty(slot[0])
