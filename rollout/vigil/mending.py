"""Takes abandoned deployments back, or up again, where the watcher was told to: off by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from rollout import aborting, deploy
from rollout.errors import RolloutError, Temporary
from rollout.hints import ways_on
from rollout.model import Level, Message, OnAbandoned, Outcome
from rollout.ports import Background, Clock, Pending, World
from rollout.preparing import Request
from rollout.secrets import without_secrets
from rollout.state.holder import Holder

Attempt = Callable[[str], str]
"""Mends the deployment of the service of this ID; says in a sentence what came of it."""

MOST = 4
"""Deployments that are mended at the same time."""
PAUSES = (15.0, 60.0)
"""Seconds until it is tried again after an error that may pass."""


@dataclass(frozen=True)
class Mended:
    """What came of it; ``error`` is empty where it was carried out, whatever its outcome was."""

    service_id: str
    said: str = ""
    error: str = ""


def attempt(how: OnAbandoned, request: Request, world: World, holder: Holder) -> Outcome:
    """The use cases ``abort`` and ``resume``, as a person would start them. Raises what they raise."""
    use_case = aborting.abort if how == OnAbandoned.ABORT else deploy.resume
    return use_case(request, world, holder, _nobody)


def _nobody() -> int | None:
    """No signal reaches a mender: a watcher that ends leaves an interrupted deployment, as any other does."""
    return None


def complaint(mended: Mended, name: str, at: datetime) -> Message:
    """What those are told who now have to do it themselves."""
    return Message(
        "mending_failed",
        Level.FAILURE,
        f"{name}: its abandoned deployment could not be mended",
        at.isoformat(timespec="milliseconds"),
        (("why", without_secrets(mended.error)),),
        next=ways_on(name),
        details={"service": name},
    )


@dataclass
class Mender:
    """Each alert is acted on once: what did not work is left to people, who are told."""

    attempt: Attempt
    background: Background
    clock: Clock
    pending: list[Pending[Mended]] = field(default_factory=list)

    @property
    def free(self) -> int:
        """How many more it can take on now."""
        return max(0, MOST - len(self.pending))

    def begin(self, service_id: str) -> None:
        """Begin to mend one."""
        self.pending.append(self.background.begin(partial(self._attempted, service_id)))

    def turn(self) -> tuple[Mended, ...]:
        """What has come of those that are done."""
        done = [one for one in self.pending if one.result() is not None]
        self.pending = [one for one in self.pending if one not in done]
        return tuple(found for one in done if (found := one.result()) is not None)

    def _attempted(self, service_id: str) -> Mended:
        for pause in PAUSES:
            try:
                return self._tried(service_id)
            except Temporary:
                self.clock.sleep(pause)
        try:
            return self._tried(service_id)
        except Temporary as error:
            return Mended(service_id, error=error.message)

    def _tried(self, service_id: str) -> Mended:
        """One try. Raises Temporary."""
        try:
            return Mended(service_id, self.attempt(service_id))
        except Temporary:
            raise
        except RolloutError as error:
            return Mended(service_id, error=error.message)
        except Exception as error:  # the watcher goes on whatever happens here
            return Mended(service_id, error=type(error).__name__)
