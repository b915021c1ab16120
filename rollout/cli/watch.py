"""``rollout watch``: somebody looks between deployments, and tells."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.complete import one_of, service_names

if TYPE_CHECKING:
    from rollout.cli.vigilance import Vigilance

_WHAT, _HOW = "What is watched", "How"


Services = Annotated[
    list[str] | None,
    typer.Argument(metavar="SERVICE", help="These services only.", autocompletion=service_names),
]
Label = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="KEY[=VALUE]",
        help="Services with this label only; again for another.",
        rich_help_panel=_WHAT,
    ),
]
Once = Annotated[
    bool, typer.Option("--once", help="Look once, tell nobody, exit with 1 if something is wrong.")
]
Every = Annotated[
    str | None,
    typer.Option(
        "--every",
        metavar="TIME",
        help="The time between two looks.",
        envvar="ROLLOUT_WATCH_EVERY",
        rich_help_panel=_HOW,
    ),
]
Listen = Annotated[
    str | None,
    typer.Option(
        "--listen",
        metavar="[HOST]:PORT",
        help="Serve /metrics and /healthz there.",
        envvar="ROLLOUT_WATCH_LISTEN",
        rich_help_panel=_HOW,
    ),
]
Abandoned = Annotated[
    str | None,
    typer.Option(
        "--on-abandoned",
        metavar="tell|abort|resume",
        help="What is done about deployments that nobody is at work on any more.",
        autocompletion=one_of(("tell", "abort", "resume")),
        rich_help_panel=_HOW,
    ),
]


def command(
    services: Services = None,
    label: Label = None,
    once: Once = False,
    every: Every = None,
    listen: Listen = None,
    on_abandoned: Abandoned = None,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Watch services between deployments, and tell when something is wrong, and when it is over.

    It tells those whom rollout.toml or ROLLOUT_NOTIFY name. With --once: exit 0 if all is well, 1 if not.
    """
    from rollout.cli.vigilance import glance, vigilance
    from rollout.cli.wishes import Wishes

    wishes = Wishes(tuple(services or ()), tuple(label or ()), every, listen, on_abandoned)
    if once:
        return _once(glance(wishes, config, host), output)
    return _watch(vigilance(wishes, config, host), output)


def _once(wanted: Vigilance, form: opt.Form) -> int:
    from rollout.cli.screen import console, say
    from rollout.errors import ExitCode
    from rollout.render.alerts import HEAD, conditions_cells, conditions_json, conditions_lines
    from rollout.render.fields import write_json
    from rollout.render.tables import table

    found = wanted.once().judge()
    if form == opt.Form.JSON:
        write_json(sys.stdout, conditions_json(found.conditions, found.services))
    elif sys.stdout.isatty() and found.conditions:
        console(sys.stdout).print(table(HEAD, conditions_cells(found.conditions)))
    else:
        say(sys.stdout, conditions_lines(found.conditions, found.services))
    return ExitCode.FAILED if found.conditions else ExitCode.OK


def _watch(wanted: Vigilance, form: opt.Form) -> int:
    from rollout.cli.stopping import Stop
    from rollout.cli.vigilance import FLUSH

    stop = Stop()
    stop.listen()
    watch = wanted.watch(json=form == opt.Form.JSON)
    try:
        watch.watcher.run(lambda: stop.wanted)
        watch.outbox.flush(FLUSH)
    finally:
        watch.watcher.close()
    return 0
