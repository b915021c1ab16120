"""Completion at the shell: quick, and silent when the engine is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

from rollout.deadline import within

PATIENCE = 0.8
"""Seconds for an engine to answer: with all the rest, whoever presses Tab waits for 1.5 s at most."""


def service_names(incomplete: str) -> list[str]:
    """What rollout.toml calls them, and the services of the Swarm, by full and by short name."""
    names = {*_names_in_file(), *(within(PATIENCE, _names_in_swarm) or ())}
    return sorted(name for name in names if name.startswith(incomplete))


def _names_in_file() -> tuple[str, ...]:
    from rollout.cli.ask import configuration

    try:
        file = configuration(None)
    except Exception:
        return ()
    return file.names if file else ()


def _names_in_swarm() -> set[str]:
    from rollout.cli.ask import configuration, engine_host
    from rollout.cli.wiring import open_swarm
    from rollout.lookup import short_name
    from rollout.oneshot.names import is_side_service

    found = open_swarm(engine_host(None, configuration(None)), patience=0.0).services()
    services = [service for service in found if not is_side_service(service.spec)]
    return {name for service in services for name in (service.name, short_name(service))}


def revisions(ctx: typer.Context, incomplete: str) -> list[str]:
    """The revisions on record of the service that was named before, newest first."""
    numbers = within(PATIENCE, lambda: _revisions_of(str(ctx.params["service"]))) or ()
    return [number for number in numbers if number.startswith(incomplete)]


def _revisions_of(service: str) -> list[str]:
    from rollout.cli.ask import configuration, engine_host, find
    from rollout.cli.wiring import open_stores
    from rollout.state.record import history

    file = configuration(None)
    swarm, store = open_stores(engine_host(None, file), patience=0.0)
    return [str(record.revision) for record in reversed(history(store, find(service, swarm, file).id))]


def check_codes(incomplete: str) -> list[str]:
    """Codes of checks; what is already there before a comma stays."""
    from rollout.config.values.lists import known_codes

    before, comma, begun = incomplete.rpartition(",")
    return [f"{before}{comma}{code}" for code in known_codes() if code.startswith(begun)]


def strategy_names(incomplete: str) -> list[str]:
    """Strategies that are installed."""
    from rollout.plugins import names

    return [name for name in names() if name.startswith(incomplete)]


def one_of(words: Sequence[str]) -> Callable[[str], list[str]]:
    """A completion by these words."""

    def matching(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return matching


def fault_names(incomplete: str) -> list[str]:
    """The faults that can be rehearsed."""
    from rollout.rehearsal.faults import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]
