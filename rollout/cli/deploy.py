"""``rollout deploy``."""

from __future__ import annotations

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks


@asks
def command(
    asked: Asked,
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

    where = Where(config, host, output, wait)
    if dry_run:
        return show_plan(asked, release(asked), deploy_command(asked), where)
    return carry_out(deploy.deploy, asked, release(asked), where)
