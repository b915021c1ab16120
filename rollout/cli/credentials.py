"""``rollout credentials``: the registry logins that services were deployed with."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.complete import service_names

if TYPE_CHECKING:
    from rollout.config import ConfigFile
    from rollout.model import Service
    from rollout.ports import Swarm
    from rollout.refreshing import Refreshed

Services = Annotated[
    list[str] | None,
    typer.Argument(metavar="SERVICE", help="The services.", autocompletion=service_names),
]
app = typer.Typer(help="The logins with which nodes pull the images of services.", no_args_is_help=True)
Every = Annotated[bool, typer.Option("--all", help="Every service for whose registry there is a login here.")]


def refresh(
    services: Services = None,
    every: Every = False,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Give services the login for their registry that is at hand now; no replica is restarted.

    ECR's logins end after 12 hours: run this every few hours. A service that is being updated, or whose
    update stands still, is left alone. The exit code is 4 if one is locked, 5 if one is left alone.
    """
    from rollout.cli.ask import configuration, engine_host
    from rollout.cli.screen import say, screen
    from rollout.cli.wiring import open_world
    from rollout.refreshing import refresh as renew
    from rollout.render.credentials import refreshed_json, refreshed_lines
    from rollout.render.fields import write_json
    from rollout.state.holder import myself

    file = configuration(config)
    json = output == opt.Form.JSON
    world = open_world(engine_host(host, file), screen(json=json))
    me = myself(os.environ)
    meant = _one_registry(_meant(services or [], every, world.swarm, file))
    found = [renew(service, world, me) for service in meant]
    if json:
        write_json(sys.stdout, refreshed_json(found))
    else:
        say(sys.stdout, refreshed_lines(found))
    return _exit_code(found, every)


def _meant(names: list[str], every: bool, swarm: Swarm, file: ConfigFile | None) -> list[Service]:
    """The services asked for. Raises UsageError where that is not clear."""
    from rollout.cli.ask import find
    from rollout.errors import UsageError
    from rollout.oneshot.names import is_side_service

    if bool(names) == every:
        raise UsageError("which services?", "name them, or say --all")
    if names:
        return [find(name, swarm, file) for name in names]
    return [service for service in swarm.services() if not is_side_service(service.spec)]


def _one_registry(services: list[Service]) -> list[Service]:
    """The same services, if it is clear for which registry the login in the variables is. Raises UsageError.

    Those from Docker Hub come last: a login without a registry is for the first one that is asked.
    """
    from rollout import spec
    from rollout.registries import DOCKER_HUB, registry_of
    from rollout.registry.credentials import refuse_to_guess

    registries = [registry_of(spec.image(service.spec)) for service in services]
    refuse_to_guess(registries, os.environ)
    order = sorted(range(len(services)), key=lambda number: registries[number] == DOCKER_HUB)
    return [services[number] for number in order]


def _exit_code(found: list[Refreshed], every: bool) -> int:
    """That no login is here for a service is wrong only where it was named."""
    from rollout.errors import ExitCode
    from rollout.refreshing import Renewal

    wrong = {Renewal.LEFT_ALONE} if every else {Renewal.LEFT_ALONE, Renewal.NO_LOGIN}
    results = {one.renewal for one in found}
    if results & wrong:
        return ExitCode.REFUSED
    return ExitCode.LOCKED if Renewal.LOCKED in results else ExitCode.OK
