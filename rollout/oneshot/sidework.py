"""What runs around the replacing of the replicas, in its order: the pre-pull, hooks and the smoke test."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollout.errors import HookFailed, SmokeFailed
from rollout.events import Note
from rollout.logins import Logins
from rollout.model import Cause, OneShot, Options, Plan
from rollout.oneshot import names
from rollout.oneshot.names import Purpose
from rollout.oneshot.pulling import Prepull
from rollout.oneshot.running import OneShots
from rollout.oneshot.smoke import Smoke, refuse_unreachable
from rollout.ports import World
from rollout.watching import Watch
from rollout.writing import MustHold

SERVES = "the new release serves all the same"


@dataclass(frozen=True)
class Sidework:
    """The pre-pull, the hooks and the smoke test of one deployment."""

    oneshots: OneShots

    def rehearse(self) -> None:
        """The pre-pull, the ``before`` hooks, then the smoke test; the first that fails ends it.

        Raises PullFailed, HookFailed, SmokeFailed, Refused, and MustHold as the watch does.
        """
        refuse_unreachable(self.oneshots.plan)
        Prepull(self.oneshots).run()
        cause = self._first_failure(self._options.before, names.BEFORE)
        if cause is not None:
            raise HookFailed(cause)
        smoke = self._options.smoke
        wanted = smoke is not None or self.oneshots.plan.preview
        cause = Smoke(self.oneshots).test(smoke) if wanted else None
        if cause is not None:
            raise SmokeFailed(cause)

    def after(self) -> Cause | None:
        """The ``after`` hooks; the cause if one failed, or was kept from its end."""
        try:
            cause = self._first_failure(self._options.after, names.AFTER)
        except MustHold as hold:
            cause = replace(hold.cause, sentence=f"{hold.cause.sentence} before the after hooks were done")
        return replace(cause, sentence=f"{cause.sentence}; {SERVES}") if cause else None

    def on_rollback(self) -> tuple[str, ...]:
        """All the ``on_rollback`` hooks, whatever becomes of the others; a sentence for each that failed."""
        causes = [self._unheld(hook) for hook in self._options.on_rollback]
        sentences = tuple(cause.sentence for cause in causes if cause)
        for sentence in sentences:
            self.oneshots.watch.tell(Note(self.oneshots.watch.elapsed(), sentence, warning=True))
        return sentences

    def _unheld(self, hook: OneShot) -> Cause | None:
        try:
            return self._run(hook, names.ON_ROLLBACK)
        except MustHold as hold:
            return hold.cause

    def _first_failure(self, hooks: tuple[OneShot, ...], purpose: Purpose) -> Cause | None:
        causes = (self._run(hook, purpose) for hook in hooks)
        return next((cause for cause in causes if cause is not None), None)

    def _run(self, hook: OneShot, purpose: Purpose) -> Cause | None:
        return self.oneshots.run(hook, purpose, {})

    @property
    def _options(self) -> Options:
        return self.oneshots.plan.options


def assemble(world: World, plan: Plan, watch: Watch, logins: Logins) -> Sidework:
    """The sidework of a deployment with all its parts."""
    return Sidework(OneShots(world, plan, watch, logins))
