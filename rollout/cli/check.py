"""``rollout check``: what would make a deployment drop requests or fail."""

from __future__ import annotations

import sys

from rollout.cli import options as opt
from rollout.cli.asked import Asked
from rollout.cli.asking import asks


@asks
def command(
    asked: Asked,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Look for what would make `rollout deploy SERVICE` drop requests or fail; touch nothing.

    The exit code is 5 if a release would be refused: by an error, with --strict also by a warning.
    """
    from rollout import deploy
    from rollout.cli.ask import configuration, engine_host, release, request
    from rollout.cli.screen import say, screen, width_of
    from rollout.cli.wiring import open_world
    from rollout.errors import ExitCode
    from rollout.preflight.refusal import refuses_releases
    from rollout.render.fields import write_json
    from rollout.render.findings import check_json, check_lines

    aim, file = release(asked), configuration(config)
    json = output == opt.Form.JSON
    world = open_world(engine_host(host, file), screen(json=json))
    plan = deploy.plan(request(asked, aim, world.swarm, file), world)
    if json:
        write_json(sys.stdout, check_json(plan))
    else:
        say(sys.stdout, check_lines(plan, width_of(sys.stdout)))
    return ExitCode.REFUSED if refuses_releases(plan) else ExitCode.OK
