"""``rollout show``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.complete import revisions

Number = Annotated[
    int,
    typer.Argument(metavar="REVISION", help="As `rollout history` numbers them.", autocompletion=revisions),
]


def command(
    service: opt.Service,
    revision: Number,
    show_secrets: opt.ShowSecrets = False,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Show one deployment of SERVICE: who, from where, how, its outcome, and what it changed in the spec."""
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.screen import say, width_of
    from rollout.cli.wiring import open_stores
    from rollout.render.fields import write_json
    from rollout.render.show import show_json, show_lines
    from rollout.revisions import of_service, pick

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    meant = find(service, swarm, file)
    found = pick(of_service(swarm, store, meant), meant.name, revision)
    if output == opt.Form.JSON:
        write_json(sys.stdout, show_json(found, secrets=show_secrets))
    else:
        say(sys.stdout, show_lines(found, secrets=show_secrets, width=width_of(sys.stdout)))
    return 0
