"""The refusal of a deployment in which the checks have found errors."""

from __future__ import annotations

from rollout.errors import Refused
from rollout.model import Plan, PlanKind
from rollout.preflight import refusing


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
    codes = dict.fromkeys([*plan.options.ignore_checks, *(finding.code for finding in errors)])
    return Refused(
        "\n".join([f"{name} was not touched: the checks have found errors", *lines]),
        f"`rollout check {name}` says what mends them; --ignore-checks {','.join(codes)} accepts them, "
        "--force whatever there is",
    )
