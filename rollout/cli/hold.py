"""``rollout hold``: whoever deploys is asked to stand still."""

from __future__ import annotations

import os
import sys

from rollout.cli import options as opt


def command(
    service: opt.Service,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Let the deployment of SERVICE stand still that is under way, wherever it runs.

    It is left as it stands: Swarm finishes the batch under way, nobody judges it.
    `rollout resume` goes on from there, `rollout abort` goes back.
    """
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.wiring import open_stores
    from rollout.clock import SystemClock
    from rollout.halting import halt
    from rollout.render.done import done_json
    from rollout.render.fields import write_json
    from rollout.state.holder import myself

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    found = find(service, swarm, file)
    told = halt(found, swarm, store, SystemClock(), myself(os.environ))
    if output == opt.Form.JSON:
        write_json(sys.stdout, done_json("halted", found.name, told))
    else:
        sys.stdout.write(f"{found.name}: {told}\n")
    return 0
