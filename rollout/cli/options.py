"""The options that commands share. Values stay text here: ``rollout.config`` parses them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from rollout.cli.complete import service_names, strategy_names

_IMAGE, _CARE, _WHERE = "What to deploy", "How carefully", "Where and how"


class Form(StrEnum):
    """What goes to stdout."""

    TEXT = "text"
    JSON = "json"


Service: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="SERVICE",
        help="A name in rollout.toml, a Swarm service, or its short name in a stack (php for site_php).",
        autocompletion=service_names,
    ),
]
ImageOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--image", metavar="REPO[:TAG][@DIGEST]", help="The image.", rich_help_panel=_IMAGE),
]
Tag: TypeAlias = Annotated[
    str | None,
    typer.Option("--tag", metavar="TAG", help="Another tag of the present image.", rich_help_panel=_IMAGE),
]
Force: TypeAlias = Annotated[
    bool,
    typer.Option("--force", help="Replace every replica, also by the same image.", rich_help_panel=_IMAGE),
]
Probe: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--probe", metavar="URL", help="A page that has to answer after each batch.", rich_help_panel=_CARE
    ),
]
StrategyName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--strategy",
        metavar="NAME",
        help="rolling, or another.",
        autocompletion=strategy_names,
        rich_help_panel=_CARE,
    ),
]
BatchOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--batch", metavar="N|P%", help="Replicas released at a time.", rich_help_panel=_CARE),
]
OrderOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--order", metavar="start-first|stop-first", help="Which task moves first.", rich_help_panel=_CARE
    ),
]
MinReady: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--min-ready", metavar="TIME", help="How long a new replica has to stay up.", rich_help_panel=_CARE
    ),
]
StartTimeout: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--start-timeout", metavar="TIME", help="How long a batch may take to start.", rich_help_panel=_CARE
    ),
]
Deadline: TypeAlias = Annotated[
    str | None,
    typer.Option("--deadline", metavar="TIME", help="How long the whole may take.", rich_help_panel=_CARE),
]
Bake: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--bake", metavar="TIME", help="How long to watch after the last batch.", rich_help_panel=_CARE
    ),
]
OnFailureOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--on-failure", metavar="rollback|hold", help="What to do with a bad release.", rich_help_panel=_CARE
    ),
]
Config: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="rollout.toml, if not found upwards.", rich_help_panel=_WHERE
    ),
]
Host: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--host",
        metavar="URL",
        help="The manager's engine: unix://, tcp:// or ssh://.",
        rich_help_panel=_WHERE,
    ),
]
OutputForm: TypeAlias = Annotated[
    Form,
    typer.Option("-o", "--output", help="What goes to stdout.", rich_help_panel=_WHERE),
]
Debug: TypeAlias = Annotated[
    bool,
    typer.Option("--debug", help="Show the traceback of an error.", rich_help_panel=_WHERE),
]
