"""``rollout promote``: the word that a pause or a manual gate waits for."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from rollout.cli import options as opt

_ONCE = "; if it does not wait yet, it will not stop at its next pause or manual gate"
_TO_THE_END = " to the end"


def command(
    service: opt.Service,
    full: Annotated[
        bool, typer.Option("--full", help="Go on to the end: past all pauses and gates.")
    ] = False,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Let the deployment of SERVICE go on that is pausing, or waits at a manual gate.

    One that does neither yet will not stop at the next of them.
    """
    from rollout.at_work import at_work
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.wiring import open_stores
    from rollout.render.done import done_json
    from rollout.render.fields import write_json
    from rollout.state.holder import myself
    from rollout.state.promotion import Promotions, Word

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    found = find(service, swarm, file)
    at_work(found, swarm, store)
    Promotions(store, found.id).give(myself(os.environ).who, Word.FULLY if full else Word.ONCE)
    told = f"promoted{_TO_THE_END if full else _ONCE}"
    if output == opt.Form.JSON:
        write_json(sys.stdout, done_json("promoted", found.name, told) | {"full": full})
    else:
        sys.stdout.write(f"{found.name}: {told}\n")
    return 0
