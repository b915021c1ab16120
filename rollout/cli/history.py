"""``rollout history``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.complete import service_names


def command(
    service: Annotated[
        str | None,
        typer.Argument(metavar="SERVICE", help="One service only.", autocompletion=service_names),
    ] = None,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Show the deployments on record, newest first: image, who, how each ended and how long it took."""
    from rollout import revisions
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.screen import console, say
    from rollout.cli.wiring import open_stores
    from rollout.render.fields import write_json
    from rollout.render.history import history_json, history_lines, history_table

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    if service is None:
        found = revisions.of_all(swarm, store)
    else:
        found = revisions.of_service(swarm, store, find(service, swarm, file))
    if output == opt.Form.JSON:
        write_json(sys.stdout, history_json(found))
    elif sys.stdout.isatty():
        console(sys.stdout).print(history_table(found, services=service is None))
    else:
        say(sys.stdout, history_lines(found, services=service is None))
    return 0
