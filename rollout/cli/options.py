"""The options that commands share, but for those that settings have: see ``rollout.cli.asking``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from rollout.cli.complete import service_names

_IMAGE, _WHERE = "What to deploy", "Where and how"


class Form(StrEnum):
    """What goes to stdout."""

    TEXT = "text"
    JSON = "json"


_NAMES = "A name in rollout.toml, a Swarm service, or its short name in a stack (php for site_php)."

Service: TypeAlias = Annotated[
    str, typer.Argument(metavar="SERVICE", help=_NAMES, autocompletion=service_names)
]
MaybeService: TypeAlias = Annotated[
    str, typer.Argument(metavar="SERVICE", help=_NAMES, autocompletion=service_names)
]
ImageOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--image", metavar="REPO[:TAG][@DIGEST]", help="The image.", rich_help_panel=_IMAGE),
]
Tag: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--tag",
        metavar="TAG",
        help="Another tag of the present image, or of the one in --image.",
        rich_help_panel=_IMAGE,
    ),
]
Force: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--force",
        help="Replace every replica, also by the same image, and accept the errors of the checks.",
        rich_help_panel=_IMAGE,
    ),
]
PlanFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help="Carry out exactly this plan, made by `rollout plan --out`; refuse if anything has changed.",
        rich_help_panel=_IMAGE,
    ),
]
ShowSecrets: TypeAlias = Annotated[
    bool,
    typer.Option("--show-secrets", help="Show the values that are hidden otherwise.", rich_help_panel=_WHERE),
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Show the plan and touch nothing.", rich_help_panel=_WHERE)
]
Wait: TypeAlias = Annotated[
    str,
    typer.Option(
        "--wait",
        metavar="TIME",
        help="How long to queue for the lock while somebody else is deploying.",
        rich_help_panel=_WHERE,
    ),
]
Config: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="rollout.toml, if not found upwards.", rich_help_panel=_WHERE
    ),
]
Host: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--host",
        metavar="URL",
        help="The manager's engine: unix://, tcp:// or ssh://; again for another, if it is lost.",
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
