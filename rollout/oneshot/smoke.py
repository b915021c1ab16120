"""A preview of the release gets healthy, and the smoke test tries it, before any user does."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rollout.errors import Refused, RolloutError
from rollout.events import Note
from rollout.model import Cause, OneShot, Plan, Service, Verdict
from rollout.oneshot import derive, judging, names
from rollout.oneshot.running import OneShots

PREVIEW_HOST = "ROLLOUT_PREVIEW_HOST"


@dataclass(frozen=True)
class Smoke:
    """Tries a release out where no user's request can reach it."""

    oneshots: OneShots

    def test(self, shot: OneShot | None) -> Cause | None:
        """Start a preview, run a command beside it, take the preview away; the cause if either failed."""
        try:
            with self.oneshots.preview() as preview:
                return self._unhealthy(preview) or self._tried(shot, preview)
        except RolloutError as error:
            return Cause(names.PREVIEW.failure, f"a preview could not be started: {error.message}")

    def _tried(self, shot: OneShot | None, preview: Service) -> Cause | None:
        if shot is None:
            return None
        return self.oneshots.run(shot, names.SMOKE, {PREVIEW_HOST: preview.name})

    def _unhealthy(self, preview: Service) -> Cause | None:
        """The cause if the preview does not get to run; without a health check running is all we know."""
        begun = self.oneshots.watch.elapsed()
        wanted = max(1, self.oneshots.plan.preview)
        of = f"{wanted} replicas" if wanted > 1 else "a preview"
        self._note(f"preview: starting {preview.name}, {of} of the release that no user can reach")
        limit = self.oneshots.plan.options.start_timeout
        judgement = self.oneshots.wait(preview, lambda tasks: judging.judge_previews(tasks, wanted), limit)
        if judgement.verdict == Verdict.FAIL:
            cause = self.oneshots.cause_of(judgement, names.PREVIEW, f"the {names.PREVIEW.title}")
            return replace(cause, sentence=cause.sentence + self._login_missing(cause))
        self._note(f"the preview runs, after {self.oneshots.watch.elapsed() - begun:.1f}s")
        return None

    def _login_missing(self, cause: Cause) -> str:
        """An update may use the login that the service has kept; a new service has none but ours."""
        missing = "No such image" in cause.error and self.oneshots.credentials is None
        return "; this machine has no login for its registry: `docker login`" if missing else ""

    def _note(self, sentence: str) -> None:
        self.oneshots.watch.tell(Note(self.oneshots.watch.elapsed(), sentence))


def refuse_unreachable(plan: Plan) -> None:
    """Raise Refused where a preview could not be reached by anything."""
    if plan.options.smoke is not None and not derive.networks(plan.target):
        raise Refused(
            f"{plan.service.name} is on no network of its own, so that a smoke test cannot reach its preview",
            "attach it to an overlay network: docker network create --driver overlay NAME, "
            f"docker service update --network-add NAME {plan.service.name}; or deploy without a smoke test",
        )
