"""The refusal of a deployment in which the checks have found errors."""

from __future__ import annotations

from rollout.errors import Refused
from rollout.model import Finding, Plan, PlanKind
from rollout.preflight import BINDING, refusing


def refuse_errors(plan: Plan) -> None:
    """Raise Refused where the plan must not be carried out."""
    refusal = refusal_of(plan)
    if refusal is not None:
        raise refusal


def refusal_of(plan: Plan) -> Refused | None:
    """Why the plan must not be carried out, and how to accept it; None if it may.

    One that has been begun goes on: to leave it half-way would be no better.
    """
    errors = refusing(plan.findings)
    if not errors or plan.kind != PlanKind.RELEASE or plan.done:
        return None
    name = plan.service.name
    lines = [f"{finding.code}: {finding.sentence}" for finding in errors]
    return Refused(
        "\n".join([f"{name} was not touched: the checks have found errors", *lines]), _way_out(plan, errors)
    )


def refuses_releases(plan: Plan) -> bool:
    """Whether a release would be refused: this one, or the next one where there is nothing to do now."""
    next_one = plan.kind == PlanKind.UNCHANGED and bool(refusing(plan.findings))
    return refusal_of(plan) is not None or next_one


def _way_out(plan: Plan, errors: tuple[Finding, ...]) -> str:
    """What mends them, and how they are accepted: all but those that nobody can accept."""
    mends = f"`rollout check {plan.service.name}` says what mends them"
    binding = next((finding for finding in errors if finding.code in BINDING), None)
    if binding is not None:
        return f"{mends}; {binding.code} cannot be accepted: {binding.remedy}"
    codes = dict.fromkeys([*plan.options.ignore_checks, *(finding.code for finding in errors)])
    return f"{mends}; --ignore-checks {','.join(codes)} accepts them, --force whatever there is"
