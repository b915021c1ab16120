"""``rollout deploy``."""

from __future__ import annotations

from pathlib import Path

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks_or_knows


@asks_or_knows
def command(
    asked: Asked,
    plan: opt.PlanFile = None,
    dry_run: opt.DryRun = False,
    wait: opt.Wait = "0",
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Deploy a new image to SERVICE, one batch of replicas at a time, and roll back if it is bad.

    Without --image and --tag the present tag is looked up in the registry again.
    """
    from rollout import deploy
    from rollout.cli.ask import release
    from rollout.cli.carry_out import carry_out
    from rollout.cli.plan import deploy_command, show_plan

    asked = _complete(asked, plan)
    where = Where(config, host, output, wait)
    if dry_run:
        return show_plan(asked, release(asked), deploy_command(asked), where)
    return carry_out(deploy.deploy, asked, release(asked), where)


def _complete(asked: Asked, plan: Path | None) -> Asked:
    """What the file of a plan says; without one, the service has to be named."""
    from rollout.cli.agreed import by_file
    from rollout.errors import UsageError

    if plan is not None:
        return by_file(asked, plan)
    if not asked.service:
        raise UsageError(
            "Missing argument 'SERVICE'", "rollout deploy SERVICE, or rollout deploy --plan FILE"
        )
    return asked
