"""``rollout restart``."""

from __future__ import annotations

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks_no_image


@asks_no_image
def command(
    asked: Asked,
    dry_run: opt.DryRun = False,
    wait: opt.Wait = "0",
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Replace every replica of SERVICE by a new one of the same image, gated like a deployment.

    No registry is asked, so that no other image can come of it.
    """
    from rollout import deploy
    from rollout.cli.carry_out import carry_out
    from rollout.cli.plan import show_plan
    from rollout.targeting import Restart

    where = Where(config, host, output, wait)
    if dry_run:
        return show_plan(asked, Restart(), f"rollout restart {asked.service}", where)
    return carry_out(deploy.deploy, asked, Restart(), where)
