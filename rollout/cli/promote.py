"""``rollout promote``: the word that a pause or a manual gate waits for."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from rollout.cli import options as opt


def command(
    service: opt.Service,
    full: Annotated[
        bool, typer.Option("--full", help="Go on to the end: past all pauses and gates.")
    ] = False,
    config: opt.Config = None,
    host: opt.Host = None,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Let the deployment of SERVICE go on that is pausing, or waits at a manual gate."""
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.wiring import open_stores
    from rollout.errors import Refused
    from rollout.state import lock
    from rollout.state.holder import myself
    from rollout.state.promotion import Promotions, Word

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    found = find(service, swarm, file)
    if not lock.held(store, found.id):
        raise Refused(f"no deployment of {found.name} is under way", f"look at `rollout status {service}`")
    Promotions(store, found.id).give(myself(os.environ).who, Word.FULLY if full else Word.ONCE)
    sys.stdout.write(f"{found.name}: promoted{' to the end' if full else ''}\n")
    return 0
