"""``rollout plan``, and ``--dry-run`` of other commands: the same road, stopped before the first write."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks

if TYPE_CHECKING:
    from rollout.model import Plan
    from rollout.targeting import Aim

_RESULT = "What comes of it"
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the plan into a file for `rollout deploy --plan FILE`.",
        rich_help_panel=_RESULT,
    ),
]
DetailedExitCode = Annotated[
    bool,
    typer.Option(
        "--detailed-exitcode",
        help="Exit with 10 when there is something to do, with 0 when there is not.",
        rich_help_panel=_RESULT,
    ),
]


@asks
def command(
    asked: Asked,
    out: Out = None,
    detailed_exitcode: DetailedExitCode = False,
    show_secrets: opt.ShowSecrets = False,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Show what `rollout deploy SERVICE` would do: changes, steps, gates, time, and what is not protected."""
    from rollout.cli.ask import release
    from rollout.errors import ExitCode
    from rollout.model import PlanKind

    where = Where(config, host, output)
    made = make(asked, release(asked), where)
    if out is not None:
        _save(made, asked, out)
    carry_out = deploy_command(asked) if out is None else f"rollout deploy --plan {shlex.quote(str(out))}"
    _print(made, carry_out, where, show_secrets=show_secrets)
    to_do = detailed_exitcode and made.kind != PlanKind.UNCHANGED
    return _exit_code(made) or (ExitCode.TO_DO if to_do else ExitCode.OK)


def show_plan(asked: Asked, aim: Aim, carry_out: str, where: Where) -> int:
    """Make the plan and print it; ``carry_out`` is the command that would do it, or be refused (5)."""
    made = make(asked, aim, where)
    _print(made, carry_out, where, show_secrets=False)
    return _exit_code(made)


def make(asked: Asked, aim: Aim, where: Where) -> Plan:
    """The plan of what ``aim`` finds."""
    from rollout import deploy
    from rollout.cli.ask import configuration, engine_host, request
    from rollout.cli.screen import screen
    from rollout.cli.wiring import open_world

    file = configuration(where.config)
    world = open_world(engine_host(where.host, file), screen(json=where.json))
    return deploy.plan(request(asked, aim, world.swarm, file), world)


def _exit_code(made: Plan) -> int:
    from rollout.errors import ExitCode
    from rollout.preflight.refusal import refusal_of

    return ExitCode.REFUSED if refusal_of(made) else ExitCode.OK


def deploy_command(asked: Asked) -> str:
    """The command that would carry the plan out; flags that only say how carefully are left to the reader."""
    if asked.agreement:
        return f"rollout deploy --plan {shlex.quote(asked.agreement.name)}"
    named = {"--image": asked.image, "--tag": asked.tag}
    given = [f"{flag} {value}" for flag, value in named.items() if value]
    return " ".join(["rollout deploy", asked.service, *given, *(["--force"] if asked.force else [])])


def _save(made: Plan, asked: Asked, out: Path) -> None:
    import os
    from datetime import UTC, datetime

    from rollout.cli.agreed import wanted_of
    from rollout.planfile import agreed, save

    now = datetime.now(UTC).isoformat(timespec="seconds")
    save(agreed(made, wanted_of(asked), now, os.urandom(16)), out)


def _print(made: Plan, carry_out: str, where: Where, *, show_secrets: bool) -> None:
    from rollout.cli.screen import say, width_of
    from rollout.render.changes import plainly, revealed
    from rollout.render.fields import write_json
    from rollout.render.plan import plan_json, plan_lines
    from rollout.render.redact import shown

    plan, look = (revealed(made), plainly) if show_secrets else (made, shown)
    if where.json:
        write_json(sys.stdout, plan_json(plan, look))
    else:
        say(sys.stdout, plan_lines(plan, carry_out, width_of(sys.stdout), look))
