"""Carries out what a command is after: the same road for `deploy`, `undo` and `restart`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rollout.cli.asked import Asked, Where

if TYPE_CHECKING:
    from rollout.model import Outcome
    from rollout.targeting import Aim


def carry_out(asked: Asked, aim: Aim, where: Where) -> int:
    """Deploy what ``aim`` finds, show it, and give its exit code."""
    from rollout import deploy
    from rollout.cli.ask import configuration, engine_host, request
    from rollout.cli.interrupts import Interrupts
    from rollout.cli.screen import readerless, screen
    from rollout.cli.telling import telling
    from rollout.cli.wiring import open_world
    from rollout.errors import exit_code_of
    from rollout.state.holder import myself

    interrupts = Interrupts()
    interrupts.listen()
    file = configuration(where.config)
    holder = myself(os.environ)
    with telling(asked.service, file, holder) as teller:
        with screen(json=where.json) as sink:
            world = open_world(engine_host(where.host, file), teller.hearing(sink))
            wanted = request(asked, aim, world.swarm, file)
            outcome = deploy.deploy(wanted, world, holder, interrupts.pending)
        if not where.json:
            with readerless():
                _say_outcome(outcome)
    return exit_code_of(outcome)


def _say_outcome(outcome: Outcome) -> None:
    from rollout.cli.screen import say, width_of
    from rollout.render.outcome import outcome_lines

    say(sys.stdout, outcome_lines(outcome, width_of(sys.stdout)))
