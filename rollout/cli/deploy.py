"""``rollout deploy``."""

from __future__ import annotations

from typing import Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.asked import Asked
from rollout.cli.asking import asks
from rollout.cli.carrying_out import Where, carry_out

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the plan and touch nothing.", rich_help_panel=opt.WHERE)
]


@asks
def command(
    asked: Asked,
    dry_run: DryRun = False,
    wait: opt.Wait = "0",
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Deploy a new image to SERVICE, one batch of replicas at a time, and roll back if it is bad.

    Without --image and --tag the present tag is looked up in the registry again.
    """
    if dry_run:
        from rollout.cli.plan import show_plan

        return show_plan(asked, config, host, output)
    from rollout import deploy

    return carry_out(deploy.deploy, asked, Where(config, host, output, wait))
