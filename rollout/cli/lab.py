"""``rollout lab``: parse, call, print."""

from __future__ import annotations

import json
import os
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rollout.cli.helping import Command, Group

if TYPE_CHECKING:
    from rollout.lab import Node

app = typer.Typer(
    help="Run a private, real Docker Swarm on this machine: for demos, for tests, for trying things out.",
    no_args_is_help=True,
    cls=Group,
)


class Output(StrEnum):
    """How `status` prints."""

    TEXT = "text"
    JSON = "json"


Name = Annotated[
    str, typer.Option("--name", metavar="NAME", help="Name of the lab. Several labs can be up at once.")
]


@app.command(cls=Command)
def up(
    name: Name = "lab",
    nodes: Annotated[int, typer.Option(metavar="N", help="How many nodes the Swarm has.")] = 3,
    managers: Annotated[int, typer.Option(metavar="N", help="How many of them are managers.")] = 1,
    engine_root: Annotated[
        Path | None,
        typer.Option(help="Root file system to take the engine from, to try another version.", metavar="DIR"),
    ] = None,
    registry: Annotated[bool, typer.Option(help="Run an image registry in the lab.")] = True,
    host: Annotated[
        list[str] | None,
        typer.Option(
            help="Let the nodes know a host name: NAME (for the lab's registry) or NAME=ADDRESS. Repeatable.",
            metavar="NAME[=ADDRESS]",
        ),
    ] = None,
) -> None:
    """Start a lab: N engines in network namespaces of their own, joined to a Swarm.

    Needs root on Linux. Takes a few seconds. The lab goes on until `rollout lab down`.
    """
    from rollout.lab import Lab, LabSpec, report

    began = time.monotonic()
    root = engine_root.resolve() if engine_root else None
    spec = LabSpec(name, nodes, managers, root, registry, _hosts(host or []))
    typer.echo(f"starting lab '{name}': {nodes} nodes ...", err=True)
    lab = Lab.up(spec)
    typer.echo(f"up after {time.monotonic() - began:.1f} s", err=True)
    typer.echo(report.text(lab))


@app.command(cls=Command)
def down(
    name: Name = "lab",
    every: Annotated[bool, typer.Option("--all", help="End every lab on this machine.")] = False,
) -> None:
    """End a lab and remove all of it: processes, networks, folders. Also what a crash left behind."""
    from rollout.lab import Lab

    for lab in Lab.names() if every else (name,):
        known = lab in Lab.names()
        Lab.destroy(lab)
        typer.echo(f"lab '{lab}' is gone" if known else f"there was no lab '{lab}'", err=True)


@app.command(cls=Command)
def status(
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Show this lab only.")] = None,
    output: Annotated[Output, typer.Option("-o", "--output", help="How to print.")] = Output.TEXT,
) -> None:
    """Show the labs: nodes, addresses, roles, states, and how to talk to them."""
    from rollout.lab import Lab, report

    found = [report.load(lab) for lab in ((name,) if name else Lab.names())]
    if output is Output.JSON:
        typer.echo(json.dumps([report.facts(lab) for lab in found], indent=2))
        return
    if not found:
        typer.echo("no lab is up; start one: rollout lab up", err=True)
    for lab in found:
        typer.echo(report.text(lab))


@app.command(
    "exec", cls=Command, context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
def execute(
    node: Annotated[str, typer.Argument(help="A node's name, such as lab-n1.")],
    command: Annotated[list[str], typer.Argument(help="What to run, after --.", metavar="CMD")],
) -> None:
    """Run a command inside a node, beside its engine: docker, ip and curl see what the node sees.

    Its exit code becomes this command's.
    """
    from rollout.lab.node import inside

    words = [*_find_node(node).enter_engine(), *command]
    environment = inside(os.environ)
    environment.pop("DOCKER_HOST", None)
    environment.pop("DOCKER_CONTEXT", None)
    sys.stdout.flush()
    os.execvpe(words[0], words, environment)  # noqa: S606 - the caller's own command, without a shell in between


def _hosts(options: list[str]) -> dict[str, str]:
    pairs = (option.partition("=") for option in options)
    return {name: target or "registry" for name, _, target in pairs}


def _find_node(name: str) -> Node:
    from rollout.lab import Lab, LabError

    lab, _, _ = name.rpartition("-n")
    nodes = Lab.load(lab).nodes if lab in Lab.names() else ()
    for node in nodes:
        if node.name == name:
            return node
    raise LabError(f"there is no node '{name}'", "see their names: rollout lab status")


def main() -> None:
    """Run the commands by themselves, errors as two lines on stderr."""
    from rollout.lab import LabError

    try:
        app()
    except LabError as error:
        typer.echo(f"error: {error}", err=True)
        if error.hint:
            typer.echo(f"hint: {error.hint}", err=True)
        raise SystemExit(1) from error
