"""``rollout rehearse``."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from rollout.cli import options as opt
from rollout.cli.asked import Asked, Where
from rollout.cli.asking import asks_or_knows
from rollout.cli.complete import fault_names

if TYPE_CHECKING:
    from rollout.ports import Sink, World
    from rollout.preparing import Request
    from rollout.rehearsal import Fault, Pace, Rehearsed, Script
    from rollout.sim import SimSwarm

_PLAY = "What to rehearse"
WATCHABLE = 10.0
"""Seconds that a rehearsal should take in front of a person."""
SLOWEST = 5.0
"""Times as fast as life, at least."""

Faults = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="NAME[=TIME][@N]",
        help="What goes wrong: crash=2s, cannot-start, unhealthy, hang, error500@3 (the third new replica), "
        "slow-start=20s, slow-pages=2s, commands, node-loss=30s@2 (in step 2), no-room=2m, registry-loss=1m, "
        "election. May be given more than once; docs/plans.md has them in full.",
        autocompletion=fault_names,
        rich_help_panel=_PLAY,
    ),
]
Example = Annotated[
    bool,
    typer.Option(
        "--example", help="The example stack's php, where there is no Swarm at hand.", rich_help_panel=_PLAY
    ),
]
Speed = Annotated[
    float | None,
    typer.Option(
        "--speed",
        metavar="N",
        min=0.0,
        help="N times as fast as life; 0, and without a terminal: as fast as it goes.",
        rich_help_panel=_PLAY,
    ),
]


@asks_or_knows
def command(
    asked: Asked,
    fault: Faults = None,
    example: Example = False,
    speed: Speed = None,
    config: opt.Config = None,
    host: opt.Host = None,
    output: opt.OutputForm = opt.Form.TEXT,
    debug: opt.Debug = False,  # noqa: ARG001 - seen by rollout.cli.run
) -> int:
    """Try `rollout deploy SERVICE` out on a simulated Swarm, with a fault of your choice. Touches nothing.

    The exit code is 0 whenever it could be rehearsed, also a refusal; the outcome is what it shows.
    """
    from rollout.cli.interrupts import Interrupts
    from rollout.rehearsal import parse

    Interrupts(asked.service).listen()
    faults = [parse(text) for text in fault or ()]
    where = Where(config, host, output)
    world, wanted = _example(asked, where) if example else _real(asked, where)
    _say(_rehearsed(world, wanted, Play(faults, where, speed)), where)
    return 0


@dataclass(frozen=True)
class Play:
    """How it is rehearsed: what goes wrong, where the result goes, how fast."""

    faults: list[Fault]
    where: Where
    speed: float | None


def _real(asked: Asked, where: Where) -> tuple[World, Request]:
    """The real service, as it stands now."""
    from rollout.cli.ask import configuration, engine_host, release, request
    from rollout.cli.screen import screen
    from rollout.cli.wiring import open_world
    from rollout.errors import EngineUnavailable, UsageError

    if not asked.service:
        raise UsageError(
            "Missing argument 'SERVICE'", "rollout rehearse SERVICE, or rollout rehearse --example"
        )
    aim, file = release(asked), configuration(where.config)
    try:
        world = open_world(engine_host(where.host, file), screen(json=where.json))
    except EngineUnavailable as error:
        hint = f"{error.hint}; `rollout rehearse --example` needs no engine"
        raise EngineUnavailable(error.message, hint) from error
    return world, request(asked, aim, world.swarm, file)


def _example(asked: Asked, where: Where) -> tuple[World, Request]:
    """The example, by its own rollout.toml unless another is named."""
    from rollout.cli.ask import configuration, release, request
    from rollout.cli.screen import screen
    from rollout.lab.stack import example
    from rollout.rehearsal import example_world
    from rollout.rehearsal.example import NEW_TAG, SHORT_NAME

    meant = replace(asked, service=asked.service or SHORT_NAME)
    if asked.image is None and asked.tag is None:
        meant = replace(meant, tag=NEW_TAG)
    file = configuration(where.config or example() / "rollout.toml")
    world = example_world(screen(json=where.json))
    return world, request(meant, release(meant), world.swarm, file)


def _rehearsed(world: World, wanted: Request, play: Play) -> Rehearsed:
    """What came of it; a deployment that would be refused at once needs no stage."""
    from rollout.errors import Refused
    from rollout.events import RehearsalStarted
    from rollout.preparing import prepare
    from rollout.rehearsal import Rehearsed, write

    try:
        prepared = prepare(wanted, world)
    except Refused as refusal:
        world.sink.emit(RehearsalStarted(0.0))
        return Rehearsed(None, refusal=refusal)
    return _play(write(prepared, world.swarm), play)


def _play(script: Script, play: Play) -> Rehearsed:
    from rollout.cli.screen import screen
    from rollout.rehearsal import rehearse

    with ExitStack() as stack:

        def stage_door(swarm: SimSwarm) -> Sink:
            return stack.enter_context(screen(json=play.where.json, clock=swarm.clock))

        return rehearse(script, play.faults, stage_door, _pace(script, play))


def _pace(script: Script, play: Play) -> Pace | None:
    """As fast as it goes, unless somebody watches or wishes otherwise."""
    from rollout.cli.screen import is_live
    from rollout.clock import SystemClock
    from rollout.rehearsal import Pace

    speed = play.speed
    if speed is None and is_live() and not play.where.json:
        speed = max(SLOWEST, (script.plan.seconds or 0.0) / WATCHABLE)
    return Pace(speed, SystemClock()) if speed else None


def _say(rehearsed: Rehearsed, where: Where) -> None:
    from rollout.cli.screen import readerless, say, width_of
    from rollout.render.fields import error_fields, write_json
    from rollout.render.rehearsed import rehearsed_json, rehearsed_lines

    with readerless():
        if where.json and rehearsed.refusal is not None:
            write_json(sys.stdout, error_fields(rehearsed.refusal))
        if where.json:
            write_json(sys.stdout, rehearsed_json(rehearsed))
        else:
            say(sys.stdout, rehearsed_lines(rehearsed, width_of(sys.stdout)))
