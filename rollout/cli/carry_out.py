"""Carries out what a command is after: the same road for every command that changes a service."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from rollout.cli.asked import Asked, Where

if TYPE_CHECKING:
    from rollout.model import Outcome
    from rollout.ports import World
    from rollout.preparing import Request
    from rollout.state.holder import Holder
    from rollout.targeting import Aim

UseCase: TypeAlias = "Callable[[Request, World, Holder, Callable[[], int | None]], Outcome]"


def carry_out(use_case: UseCase, asked: Asked, aim: Aim, where: Where) -> int:
    """Do what ``aim`` is after, show it, and give its exit code."""
    from rollout.cli.ask import configuration, engine_host, request, seconds_of
    from rollout.cli.interrupts import Interrupts
    from rollout.cli.screen import readerless, screen
    from rollout.cli.telling import telling
    from rollout.cli.wiring import open_world
    from rollout.errors import exit_code_of
    from rollout.state.holder import myself

    wait = seconds_of(where.wait)
    interrupts = Interrupts(asked.service)
    interrupts.listen()
    file = configuration(where.config)
    holder = myself(os.environ)
    with telling(asked.service, file, holder) as teller:
        with screen(json=where.json) as sink:
            world = open_world(engine_host(where.host, file), teller.hearing(sink))
            wanted = request(asked, aim, world.swarm, file, wait)
            outcome = use_case(wanted, world, holder, interrupts.pending)
        if not where.json:
            with readerless():
                _say_outcome(outcome)
    return exit_code_of(outcome)


def _say_outcome(outcome: Outcome) -> None:
    from rollout.cli.screen import say, width_of
    from rollout.render.outcome import outcome_lines

    say(sys.stdout, outcome_lines(outcome, width_of(sys.stdout)))
