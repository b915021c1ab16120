"""``rollout deploy``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.asked import Asked
from rollout.cli.asking import asks

if TYPE_CHECKING:
    from rollout.model import Outcome

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the plan and touch nothing.", rich_help_panel=opt.WHERE)
]


@asks
def command(
    asked: Asked,
    dry_run: DryRun = False,
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
    return _deploy(asked, config, host, output)


def _deploy(asked: Asked, config: Path | None, host: str | None, form: opt.Form) -> int:
    from rollout import deploy
    from rollout.cli.ask import configuration, engine_host, request
    from rollout.cli.interrupts import Interrupts
    from rollout.cli.screen import readerless, screen
    from rollout.cli.wiring import open_world
    from rollout.errors import exit_code_of
    from rollout.state.holder import myself

    interrupts = Interrupts()
    interrupts.listen()
    file = configuration(config)
    with screen(json=form == opt.Form.JSON) as sink:
        world = open_world(engine_host(host, file), sink)
        wanted = request(asked, world.swarm, file)
        outcome = deploy.deploy(wanted, world, myself(os.environ), interrupts.pending)
    if form == opt.Form.TEXT:
        with readerless():
            _say_outcome(outcome)
    return exit_code_of(outcome)


def _say_outcome(outcome: Outcome) -> None:
    from rollout.cli.screen import say, width_of
    from rollout.render.outcome import outcome_lines

    say(sys.stdout, outcome_lines(outcome, width_of(sys.stdout)))
