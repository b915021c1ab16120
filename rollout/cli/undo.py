"""``rollout undo``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks_no_image

To = Annotated[
    int | None,
    typer.Option(
        "--to",
        metavar="REVISION",
        min=1,
        help="What this revision deployed, instead of what was there before the last one.",
    ),
]


Fast = Annotated[
    bool,
    typer.Option(
        "--fast",
        help="All replicas at once, without hooks or gates in between: for when what runs is broken.",
    ),
]


@asks_no_image
def command(
    asked: Asked,
    to: To = None,
    fast: Fast = False,
    dry_run: opt.DryRun = False,
    wait: opt.Wait = "0",
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Take SERVICE back to what was in force before its last deployment, environment and labels included.

    It passes the same gates as any deployment. The replicas stay as many as there are today.
    """
    from rollout import deploy
    from rollout.at_once import undo_at_once
    from rollout.cli.carry_out import carry_out
    from rollout.cli.plan import show_plan
    from rollout.targeting import Undo

    where = Where(config, host, output, wait)
    asked, use_case = (at_once(asked), undo_at_once) if fast else (asked, deploy.deploy)
    if dry_run:
        again = f"rollout undo {asked.service}" + ("" if to is None else f" --to {to}") + " --fast" * fast
        return show_plan(asked, Undo(to), again, where)
    return carry_out(use_case, asked, Undo(to), where)


def at_once(asked: Asked) -> Asked:
    """The same in one step. Raises UsageError where a flag says otherwise."""
    from rollout.errors import UsageError

    if asked.flags.get("batch") or asked.flags.get("strategy"):
        raise UsageError("--fast contradicts --batch and --strategy", "give one of them")
    return replace(asked, flags={**asked.flags, "strategy": "rolling", "batch": "100%"})
