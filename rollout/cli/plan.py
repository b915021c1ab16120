"""``rollout plan``, and ``rollout deploy --dry-run``: the same road, stopped before the first write."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks

if TYPE_CHECKING:
    from rollout.targeting import Aim


@asks
def command(
    asked: Asked,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Show what `rollout deploy SERVICE` would do: changes, steps, gates, time, and what is not protected."""
    from rollout.cli.ask import release

    return show_plan(asked, release(asked), deploy_command(asked), Where(config, host, output))


def show_plan(asked: Asked, aim: Aim, carry_out: str, where: Where) -> int:
    """Make the plan and print it; ``carry_out`` is the command that would do it, or be refused (5)."""
    from rollout import deploy
    from rollout.cli.ask import configuration, engine_host, request
    from rollout.cli.screen import say, screen, width_of
    from rollout.cli.wiring import open_world
    from rollout.errors import ExitCode
    from rollout.preflight.refusal import refusal_of
    from rollout.render.fields import write_json
    from rollout.render.plan import plan_json, plan_lines

    file = configuration(where.config)
    world = open_world(engine_host(where.host, file), screen(json=where.json))
    made = deploy.plan(request(asked, aim, world.swarm, file), world)
    if where.json:
        write_json(sys.stdout, plan_json(made))
    else:
        say(sys.stdout, plan_lines(made, carry_out, width_of(sys.stdout)))
    return ExitCode.REFUSED if refusal_of(made) else ExitCode.OK


def deploy_command(asked: Asked) -> str:
    """The command that would carry the plan out; flags that only say how carefully are left to the reader."""
    named = {"--image": asked.image, "--tag": asked.tag}
    given = [f"{flag} {value}" for flag, value in named.items() if value]
    return " ".join(["rollout deploy", asked.service, *given, *(["--force"] if asked.force else [])])
