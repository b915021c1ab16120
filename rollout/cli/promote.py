"""``rollout promote``: the word that a manual gate waits for."""

from __future__ import annotations

import os
import sys

from rollout.cli import options as opt


def command(
    service: opt.Service,
    config: opt.Config = None,
    host: opt.Host = None,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Let the deployment of SERVICE go on that waits at a manual gate."""
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.wiring import open_stores
    from rollout.errors import Refused
    from rollout.state import lock
    from rollout.state.holder import myself
    from rollout.state.promotion import Promotions

    file = configuration(config)
    swarm, store = open_stores(engine_host(host, file))
    found = find(service, swarm, file)
    if not store.find({"rollout.kind": lock.KIND, "rollout.service": found.id}):
        raise Refused(f"no deployment of {found.name} is under way", f"look at `rollout status {service}`")
    Promotions(store, found.id).give(myself(os.environ).who)
    sys.stdout.write(f"{found.name}: promoted\n")
    return 0
