"""Is the service in a state to be updated, and is what it names there?"""

from __future__ import annotations

from typing import Any

from rollout import diff, pacing, spec
from rollout.model.finding import Severity
from rollout.preflight.check import Check, check, listed
from rollout.preflight.facts import Facts


@check(
    "update-paused",
    Severity.WARNING,
    costs="replicas may run different releases, and this deployment goes on from there",
    mend="`rollout status NAME` shows them; go on if the new release is the cure",
)
def paused(facts: Facts) -> str | None:
    """An earlier update or rollback of Swarm's own has failed and was paused."""
    service = facts.snapshot.service
    ours = pacing.release_number(service.spec) is not None
    if ours or service.update_state not in ("paused", "rollback_paused"):
        return None
    what = "rollback" if service.update_state == "rollback_paused" else "update"
    return f"an earlier {what} has failed, and Swarm stopped in its middle"


@check(
    "previous-spec",
    Severity.NOTE,
    costs="`docker service rollback`, typed in a hurry, would bring that back until the deployment has begun",
    mend="`rollout undo NAME` goes back to what was deployed before",
)
def previous(facts: Facts) -> str | None:
    """What Swarm keeps as the service's previous spec is another release, or has other settings."""
    service = facts.snapshot.service
    before, now = service.previous, service.spec
    if before is None or not spec.container(before).get("Image") or spec.same_work(before, now):
        return None
    if spec.image(before) != spec.image(now):
        return f"Swarm's own way back is {spec.image(before).short}, and {spec.image(now).short} runs"
    others = [change.path.removeprefix("TaskTemplate.") for change in diff.changes(now, before)]
    return f"Swarm's own way back is the same image with other settings ({listed(others)})"


@check(
    "restart-gives-up",
    Severity.WARNING,
    costs="such a replica stays away",
    mend="`restart_policy: {condition: any}` without max_attempts in the compose file",
)
def gives_up(facts: Facts) -> str | None:
    """The restart policy never restarts a replica, or only so often, or only one that ends with an error.

    One that fails its health check is told to stop, and many end with exit code 0 then: as complete.
    """
    template = facts.target.get("TaskTemplate") or {}
    policy: dict[str, Any] = template.get("RestartPolicy") or {}
    if policy.get("Condition") == "none":
        return "restart_policy is none, and a replica may crash"
    attempts = policy.get("MaxAttempts") or 0
    if attempts:
        return f"restart_policy gives up on a replica after {attempts} attempts"
    quiet = "restart_policy is on-failure, and a replica that is unhealthy may stop with exit code 0"
    return quiet if policy.get("Condition") == "on-failure" else None


@check(
    "secret-missing",
    Severity.ERROR,
    costs="Swarm refuses the spec",
    mend="`docker secret create NAME FILE`, then `docker stack deploy` so that the service names the new one",
    exactly=lambda facts: _create("secret", facts.survey.missing_secrets),
)
def missing_secret(facts: Facts) -> str | None:
    """A secret that the target names is not there."""
    missing = list(facts.survey.missing_secrets)
    return f"the target wants what is not there: secret {listed(missing)}" if missing else None


@check(
    "config-missing",
    Severity.ERROR,
    costs="Swarm refuses the spec",
    mend="`docker config create NAME FILE`, then `docker stack deploy` so that the service names the new one",
    exactly=lambda facts: _create("config", facts.survey.missing_configs),
)
def missing_config(facts: Facts) -> str | None:
    """A config that the target names is not there."""
    missing = list(facts.survey.missing_configs)
    return f"the target wants what is not there: config {listed(missing)}" if missing else None


def _create(kind: str, names: tuple[str, ...]) -> str:
    commands = ", ".join(f"`docker {kind} create {name} FILE`" for name in names)
    return f"{commands}, then `docker stack deploy` so that the service names the new one"


CHECKS: tuple[Check, ...] = (paused, previous, gives_up, missing_secret, missing_config)
