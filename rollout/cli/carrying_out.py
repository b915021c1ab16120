"""What the commands that change a service have in common: signals, screen, world, outcome, exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from rollout.cli import options as opt
from rollout.cli.asked import Asked

if TYPE_CHECKING:
    from rollout.model import Outcome
    from rollout.ports import World
    from rollout.preparing import Request
    from rollout.state.holder import Holder

UseCase: TypeAlias = "Callable[[Request, World, Holder, Callable[[], int | None]], Outcome]"


@dataclass(frozen=True)
class Where:
    """Where it is done and how it is shown; ``wait`` is the time to queue for the lock, as typed."""

    config: Path | None
    host: str | None
    form: opt.Form
    wait: str


def carry_out(use_case: UseCase, asked: Asked, where: Where) -> int:
    """Do it, show it, say how it ended; the exit code."""
    from rollout.cli.ask import configuration, engine_host, request, seconds_of
    from rollout.cli.interrupts import Interrupts
    from rollout.cli.screen import screen
    from rollout.cli.wiring import open_world
    from rollout.errors import exit_code_of
    from rollout.state.holder import myself

    wait = seconds_of(where.wait)
    interrupts = Interrupts(asked.service)
    interrupts.listen()
    file = configuration(where.config)
    with screen(json=where.form == opt.Form.JSON) as sink:
        world = open_world(engine_host(where.host, file), sink)
        wanted = request(asked, world.swarm, file, wait)
        outcome = use_case(wanted, world, myself(os.environ), interrupts.pending)
    if where.form == opt.Form.TEXT:
        _say_outcome(outcome)
    return exit_code_of(outcome)


def _say_outcome(outcome: Outcome) -> None:
    from rollout.cli.screen import say, width_of
    from rollout.render.outcome import outcome_lines

    say(sys.stdout, outcome_lines(outcome, width_of(sys.stdout)))
