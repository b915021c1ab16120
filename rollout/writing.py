"""Writes to the service: each one fenced by the lock and by the spec that is expected to be in force.

Swarm answers a stale version with "update out of sequence", and its updater's own status writes move the
version too; a reply may be lost after the write has landed. So a write is repeated only after the service has
been read again and still carries the spec that we expect (rule 3 of the release protocol).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rollout import diff, spec
from rollout.errors import Conflict, EngineRefused, EngineUnavailable, OutcomeUnknown
from rollout.model import Cause, CauseKind, Service, Spec
from rollout.ports import Swarm

TRIES = 20


class MustHold(Exception):
    """Stop where it is: going on, or going back, would do harm or is not ours to do."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.sentence)
        self.cause = cause


class Rescaled(Exception):
    """Somebody has scaled the service and changed nothing else: that is honoured. ``service`` is as found."""

    def __init__(self, before: int, after: int, service: Service) -> None:
        super().__init__(f"the service was scaled from {before} to {after} replicas")
        self.service = service


@dataclass
class Pen:
    """The only thing that writes to the service. ``expected`` is the service as our last write left it.

    ``fence`` raises when the lock is not ours any more; ``written`` is true once a write may have landed.
    """

    swarm: Swarm
    expected: Service
    credentials: str | None
    fence: Callable[[], None]
    written: bool = False

    def write(self, wanted: Spec) -> None:
        """Bring ``wanted`` into force. Raises MustHold, or Rescaled, when someone else has written."""
        for _ in range(TRIES):
            self.fence()
            self.check()
            before, self.written = self.written, True
            try:
                self.swarm.update(self.expected, wanted, self.credentials)
            except EngineRefused:
                self.written = before  # it was understood, and has not landed
                raise
            except (Conflict, OutcomeUnknown, EngineUnavailable):
                if self._landed(wanted):
                    return
                continue
            self._adopt(wanted)
            return
        raise MustHold(Cause(CauseKind.ENGINE, "the engine did not take a write, tried many times"))

    def check(self) -> None:
        """Make sure that the spec in force is the one that we left. Raises MustHold and Rescaled."""
        fresh = self.swarm.service(self.expected.id)
        if not spec.same(fresh.spec, self.expected.spec):
            raise difference(self.expected.spec, fresh)
        self.expected = fresh

    def _landed(self, wanted: Spec) -> bool:
        """Whether a write without a reply is in force, also where it was scaled since."""
        fresh = self.swarm.service(self.expected.id)
        landed = spec.same(spec.with_scale_of(wanted, fresh.spec), fresh.spec)
        if landed:
            self.expected = replace(fresh, spec=wanted)
        return landed

    def _adopt(self, wanted: Spec) -> None:
        """Remember the spec as written: what the engine shows later is compared with it."""
        self.expected = Service(self.expected.id, self.expected.name, self.expected.version, wanted)


def difference(ours: Spec, theirs: Service) -> MustHold | Rescaled:
    """What someone else has done: scaling alone is nothing to stand still for."""
    before, after = spec.replicas(ours), spec.replicas(theirs.spec)
    only_scaled = spec.same(spec.with_scale_of(ours, theirs.spec), theirs.spec)
    if only_scaled and before is not None and after is not None:
        return Rescaled(before, after, theirs)
    return MustHold(foreign_write(ours, theirs.spec))


def removed() -> Cause:
    """The service is not there any more."""
    return Cause(CauseKind.REMOVED, "the service was removed by someone else during the deployment")


def foreign_write(ours: Spec, theirs: Spec) -> Cause:
    """Someone else has changed the service: say what."""
    changes = diff.changes(ours, theirs)
    paths = [change.path for change in changes] or ["UpdateConfig"]
    sentence = f"the service was changed by someone else during the deployment: {', '.join(paths[:5])}"
    return Cause(CauseKind.FOREIGN_WRITE, sentence, changes=changes)
