"""Takes abandoned deployments back, or up again, where the watcher was told to: off by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from rollout import aborting, deploy
from rollout.errors import RolloutError
from rollout.model import OnAbandoned, Outcome
from rollout.ports import Background, Pending, World
from rollout.preparing import Request
from rollout.state.holder import Holder

Attempt = Callable[[str], str]
"""Mends the deployment of the service of this ID; says in a sentence what came of it, and never raises."""

MOST = 4
"""Deployments that are mended at the same time."""


def attempt(how: OnAbandoned, request: Request, world: World, holder: Holder) -> Outcome:
    """The use cases ``abort`` and ``resume``, as a person would start them. Raises what they raise."""
    use_case = aborting.abort if how == OnAbandoned.ABORT else deploy.resume
    return use_case(request, world, holder, _nobody)


def _nobody() -> int | None:
    """No signal reaches a mender: a watcher that ends leaves an interrupted deployment, as any other does."""
    return None


@dataclass
class Mender:
    """Each alert is acted on once: what did not work is left to people, who have been told."""

    attempt: Attempt
    background: Background
    pending: list[Pending[str]] = field(default_factory=list)

    @property
    def free(self) -> int:
        """How many more it can take on now."""
        return max(0, MOST - len(self.pending))

    def begin(self, service_id: str) -> None:
        """Begin to mend one."""
        self.pending.append(self.background.begin(partial(self._attempted, service_id)))

    def turn(self) -> tuple[str, ...]:
        """What has come of those that are done."""
        done = [one for one in self.pending if one.result() is not None]
        self.pending = [one for one in self.pending if one not in done]
        return tuple(one.result() or "" for one in done)

    def _attempted(self, service_id: str) -> str:
        try:
            return self.attempt(service_id)
        except RolloutError as error:
            return f"an abandoned deployment could not be mended: {error.message}"
        except Exception as error:  # the watcher goes on whatever happens here
            return f"an abandoned deployment could not be mended: {type(error).__name__}"
