"""Writes to the service: each one fenced by the lock and by the spec that is expected to be in force.

Swarm answers a stale version with "update out of sequence", and its updater's own status writes move the
version too; a reply may be lost after the write has landed. So a write is repeated only after the service has
been read again and still carries the spec that we expect (rule 3 of the release protocol).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rollout import diff, spec
from rollout.errors import Conflict, EngineUnavailable, OutcomeUnknown
from rollout.model import Cause, CauseKind, Service, Spec
from rollout.ports import Swarm

TRIES = 20


class MustHold(Exception):
    """Stop where it is: going on, or going back, would do harm or is not ours to do."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.sentence)
        self.cause = cause


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
        """Bring ``wanted`` into force. Raises MustHold when someone else has written meanwhile.

        The lock is proved last: reading may take longer than a lock lasts, and what is written then is the
        version that was read while it was ours.
        """
        for _ in range(TRIES):
            self._check_under_lock()
            self.fence()
            self.written = True
            try:
                self.swarm.update(self.expected, wanted, self.credentials)
            except (Conflict, OutcomeUnknown, EngineUnavailable):
                if self._landed(wanted):
                    return
                continue
            self._adopt(wanted)
            return
        raise MustHold(Cause(CauseKind.ENGINE, "the engine did not take a write, tried many times"))

    def _check_under_lock(self) -> None:
        """As ``check``; if the lock is lost as well, it says so: that is why someone else writes."""
        try:
            self.check()
        except MustHold:
            self.fence()
            raise

    def check(self) -> None:
        """Make sure that the spec in force is the one that we left. Raises MustHold."""
        fresh = self.swarm.service(self.expected.id)
        if not spec.same(fresh.spec, self.expected.spec):
            raise MustHold(difference(self.expected.spec, fresh.spec))
        self.expected = fresh

    def _landed(self, wanted: Spec) -> bool:
        fresh = self.swarm.service(self.expected.id)
        landed = spec.same(fresh.spec, wanted)
        if landed:
            self.expected = fresh
        return landed

    def _adopt(self, wanted: Spec) -> None:
        """Remember the spec as written: what the engine shows later is compared with it."""
        self.expected = Service(self.expected.id, self.expected.name, self.expected.version, wanted)


def difference(ours: Spec, theirs: Spec) -> Cause:
    """What someone else has done: scaling alone is nothing to stand still for."""
    before, after = spec.replicas(ours), spec.replicas(theirs)
    if before != after and spec.same({**ours, "Mode": theirs.get("Mode")}, theirs):
        return Cause(CauseKind.RESCALED, f"the service was scaled from {before} to {after} replicas")
    return foreign_write(ours, theirs)


def foreign_write(ours: Spec, theirs: Spec) -> Cause:
    """Someone else has changed the service: say what."""
    paths = [change.path for change in diff.changes(ours, theirs)] or ["UpdateConfig"]
    sentence = f"the service was changed by someone else during the deployment: {', '.join(paths[:5])}"
    return Cause(CauseKind.FOREIGN_WRITE, sentence)
