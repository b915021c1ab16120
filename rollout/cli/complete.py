"""Completion at the shell: quick, and silent when the engine is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer


def service_names(incomplete: str) -> list[str]:
    """Services of the Swarm, by full and by short name, and what rollout.toml calls them."""
    from rollout.lookup import short_name
    from rollout.oneshot.names import is_side_service

    try:
        from rollout.cli.ask import configuration, engine_host
        from rollout.cli.wiring import open_swarm

        file = configuration(None)
        found = open_swarm(engine_host(None, file), patience=0.0).services()
    except Exception:
        return []
    services = [service for service in found if not is_side_service(service.spec)]
    names = {name for service in services for name in (service.name, short_name(service))}
    names |= set(file.names if file else ())
    return sorted(name for name in names if name.startswith(incomplete))


def revisions(ctx: typer.Context, incomplete: str) -> list[str]:
    """The revisions on record of the service that was named before, newest first."""
    from rollout.state.record import history

    try:
        from rollout.cli.ask import find
        from rollout.cli.wiring import open_stores

        swarm, store = open_stores(None, patience=0.0)
        found = history(store, find(str(ctx.params["service"]), swarm, None).id)
    except Exception:
        return []
    numbers = [str(record.revision) for record in reversed(found)]
    return [number for number in numbers if number.startswith(incomplete)]


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
